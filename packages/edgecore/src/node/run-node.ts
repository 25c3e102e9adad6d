import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { objectKey, resourceName, type NodeName, type ObjectKey } from '@skerry/shared/names';
import { supervise, type Task } from '@skerry/shared/supervise';
import { skerryVersion } from '@skerry/shared/version';
import { WorkQueue, work, type Requeue } from '@skerry/shared/workqueue';
import type { Reporter } from '../link/reporter.ts';
import { readObject, type ObjectReader } from '../meta/object-reader.ts';
import type { Judgements } from '../judgement/judgement-board.ts';
import type { Runtimes } from '../runtime/runtimes.ts';
import {
  pressureVerdicts,
  readiness,
  seePressures,
  toConditions,
  type NodeCondition,
  type PressureSightings,
} from './node-conditions.ts';
import { judgementVerdict } from './judgement-condition.ts';
import { shortages } from './eviction.ts';
import type { NodeResources } from './node-resources.ts';
import { nodeReport, saySame, type NodeReport } from './node-status.ts';

/** How often the node looks at itself. */
export const NODE_CHECK_MS = 10_000;
/**
 * How often it reports although nothing has changed. Rarer than a kubelet, for the way there and back
 * costs 4 KB: that the node lives, its Lease says.
 */
export const NODE_REPORT_MS = 1_800_000;

export interface NodeParts {
  readonly node: NodeName;
  readonly resources: NodeResources;
  /** Where this machine keeps volumes; absolute. */
  readonly volumesDir: string;
  /** Holds the node's own object, for the times its conditions last changed. */
  readonly objects: ObjectReader;
  readonly reporter: Reporter;
  /** Watched by the pods room; here they are only asked how they are. */
  readonly runtimes: Runtimes;
  /** What the node comes to by its judgements; absent: it judges by none. */
  readonly judgements?: Pick<Judgements, 'list' | 'listen'> | undefined;
  /** Whoever adds to it wants a report in any case: the link does, whenever it is up again. */
  readonly refresh: WorkQueue<'node'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Reports the node: once the runtimes have answered for the first time, when something has changed, when
 * its Node was deleted, whenever the link is up again, and every half hour.
 */
export async function runNode(parts: NodeParts, signal: AbortSignal): Promise<void> {
  const { refresh, clock, log, runtimes } = parts;
  const self = new NodeSelf(parts);
  const checks = new WorkQueue<'node'>();
  checks.add('node');
  const unlisten = runtimes.listen((news) => {
    if (news.type === 'health') checks.add('node');
  });
  const unlistenVerdicts = parts.judgements?.listen((news) => {
    if (news.type === 'verdict' || news.type === 'gone') checks.add('node');
  });
  const failed = (_: 'node', error: unknown): Requeue => {
    log.warn({ code: codeOf(error), error: messageOf(error) }, 'node not reported');
    return { afterMs: NODE_CHECK_MS };
  };
  const workOn =
    (queue: WorkQueue<'node'>, reconcile: () => Promise<Requeue>): Task =>
    (s) =>
      work({ queue, clock, workers: 1, reconcile, failed }, s);
  try {
    await supervise(signal, {
      checks: workOn(checks, () => self.check()),
      refreshes: workOn(refresh, () => self.refresh()),
    });
  } finally {
    unlisten();
    unlistenVerdicts?.();
  }
}

/** What the node last said of itself, and what it saw since. */
class NodeSelf {
  readonly #parts: NodeParts;
  readonly #key: ObjectKey;
  #reported: { readonly report: NodeReport; readonly at: number } | undefined;
  #pressures: PressureSightings = new Map();
  #wasHeld = false;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.#key = objectKey(NODES, '', parts.node);
  }

  /** Reports if there is something to say. */
  async check(): Promise<Requeue> {
    if (!this.#isEarly()) {
      const report = await this.#see();
      const saidAt = this.#reported?.at ?? -Infinity;
      const isDue = this.#parts.clock.monotonic() - saidAt >= NODE_REPORT_MS;
      const isNews = !saySame(report, this.#reported?.report);
      if ((await this.#wasDeleted()) || isDue || isNews) await this.#say(report);
    }
    return { afterMs: NODE_CHECK_MS };
  }

  /** Reports in any case. */
  async refresh(): Promise<Requeue> {
    if (!this.#isEarly()) await this.#say(await this.#see());
    return undefined;
  }

  /** Whether it is not yet known what can be run here; news will come. */
  #isEarly(): boolean {
    return [...this.#parts.runtimes.health().values()].some(({ phase }) => phase === 'starting');
  }

  async #see(): Promise<NodeReport> {
    const { node, resources, runtimes, clock, volumesDir } = this.#parts;
    const view = await resources.read();
    const now = clock.now();
    this.#pressures = seePressures(this.#pressures, shortages(view.facts, view.thresholds), now);
    const health = runtimes.health();
    const keptMs = resources.config.eviction.transitionSeconds * 1_000;
    const pressures = pressureVerdicts(this.#pressures, keptMs, now);
    resources.pressures = pressures.filter(({ isTrue }) => isTrue).map(({ type }) => type);
    const previous = await this.#previous();
    const judged = judgementVerdict(this.#parts.judgements?.list() ?? [], previous);
    const verdicts = [...pressures, readiness(health), ...judged];
    const conditions = toConditions(verdicts, previous, now);
    const own = { node, version: skerryVersion, volumesDir };
    return nodeReport({ ...own, resources: view, health, conditions });
  }

  async #say(report: NodeReport): Promise<void> {
    const { reporter, clock } = this.#parts;
    await reporter.report({
      class: 'status',
      key: this.#key,
      payload: Buffer.from(JSON.stringify(report)),
    });
    this.#reported = { report, at: clock.monotonic() };
  }

  /** Whether its Node was there at the last check, and is no more. */
  async #wasDeleted(): Promise<boolean> {
    const isHeld = (await this.#parts.objects.get(this.#key)) !== undefined;
    const wasHeld = this.#wasHeld;
    this.#wasHeld = isHeld;
    return wasHeld && !isHeld;
  }

  /** What was said last; at first, what an earlier agent said as far as it came back. */
  async #previous(): Promise<readonly NodeCondition[]> {
    if (this.#reported) return this.#reported.report.status.conditions;
    const held = (await readObject(this.#parts.objects, this.#key)) as HeldNode | undefined;
    return held?.status?.conditions ?? [];
  }
}

interface HeldNode {
  readonly status?: { readonly conditions?: readonly NodeCondition[] };
}

const NODES = resourceName('nodes');
