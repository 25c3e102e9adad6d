import { createHash } from 'node:crypto';
import type { Clock, Random } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { noMetrics, type Counter } from '@skerry/shared/metrics';
import type { ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { placeOf } from '@skerry/shared/place-of';
import type { Store, Table } from '@skerry/shared/store';
import { aborted } from '@skerry/shared/supervise';
import { ReportOutbox } from '../link/report-outbox.ts';
import { defaultReportPolicies, type ReportPolicies } from '../link/report-policy.ts';
import { NotPushed, post } from './http-post.ts';
import { openCount, runPusher, type Push } from './pusher.ts';
import { targetId, type PushTarget } from './push-target.ts';

/** Bytes that wait for one target; beyond it the oldest are given up. */
export const pushQuotaBytes: number = 16 * 1024 * 1024;
const { telemetry } = defaultReportPolicies;
const policies: ReportPolicies = {
  ...defaultReportPolicies,
  telemetry: { ...telemetry, quotaBytes: pushQuotaBytes },
};

export interface PushDeskParts {
  readonly store: Store;
  /** Tables in the store that are ours: `<name>-targets`, and one for each target. */
  readonly name: string;
  /** Texts that leave together at most. */
  readonly together: number;
  /** What a webhook is sent for so many texts of JSON. */
  readonly bodyOf: (texts: readonly string[]) => string;
  /** Counted by method and outcome; what failed is tried again. */
  readonly pushed: Counter<'method' | 'outcome'>;
  /** What was given up. */
  readonly dropped: Counter<'reason'>;
  /** Distinguishes us from other nodes at a broker. */
  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Line {
  readonly target: PushTarget;
  readonly outbox: Promise<ReportOutbox>;
}

/**
 * Brings texts to targets: each target has a line of its own on disk, so that one
 * that is away delays no other, and what waits outlives the agent.
 */
export class PushDesk {
  readonly #parts: PushDeskParts;
  readonly #lines = new Map<string, Line>();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(parts: PushDeskParts) {
    this.#parts = parts;
  }

  /** Takes up again what waits on disk, and works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, name } = this.#parts;
    const targets = store.table(`${name}-targets`);
    for await (const [id, entry] of targets.entries()) {
      if (this.#lines.has(id)) continue;
      const { target } = parseJson(entry) as { target: PushTarget };
      if (await isEmpty(store.table(`${name}-${id}`))) await store.commit([targets.del(id)]);
      else if (!this.#lines.has(id)) this.#open(id, target);
    }
    await aborted(signal);
    this.#stop.abort(new DOMException('the agent ends', 'AbortError'));
    await Promise.all(this.#running);
  }

  /** Resolves when it waits on disk; rejects with StoreWriteFailed. `key`: what it is about. */
  async offer(target: PushTarget, key: ObjectKey, text: string): Promise<void> {
    const id = createHash('sha256').update(targetId(target)).digest('hex').slice(0, 16);
    const line = this.#lines.get(id) ?? this.#open(id, target);
    const outbox = await line.outbox;
    await outbox.report({ class: 'telemetry', key, payload: Buffer.from(text) });
  }

  #open(id: string, target: PushTarget): Line {
    const { store, name, clock, dropped } = this.#parts;
    const onDropped = (_kind: string, reason: string): void => dropped.inc({ reason });
    const entry = Buffer.from(JSON.stringify({ target }));
    const outbox = store
      .commit([store.table(`${name}-targets`).put(id, entry)])
      .then(() => ReportOutbox.open({ store, table: `${name}-${id}`, policies, clock, onDropped }));
    const line = { target, outbox };
    this.#lines.set(id, line);
    const running = this.#serve(line, outbox).catch((error: unknown) => {
      this.#lines.delete(id); // opened again with what comes next
      this.#parts.log.warn({ code: codeOf(error), why: messageOf(error) }, 'push ended');
    });
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return line;
  }

  async #serve({ target }: Line, opened: Promise<ReportOutbox>): Promise<void> {
    const outbox = await opened;
    const log = this.#parts.log.child({ push: placeOf(target.url) });
    const count = openCount(this.#parts.pushed, target.method);
    const pusher = { ...this.#parts, outbox, log, count };
    if (target.method === 'http') {
      const { url, timeoutMs } = target;
      const { bodyOf } = this.#parts;
      const push: Push = (texts, signal) => post({ url, timeoutMs, body: bodyOf(texts) }, signal);
      await runPusher({ ...pusher, push }, this.#stop.signal);
      return;
    }
    await this.#serveMqtt(target, pusher);
  }

  async #serveMqtt(
    { url, topic, qos, retain }: Extract<PushTarget, { method: 'mqtt' }>,
    pusher: Omit<Parameters<typeof runPusher>[0], 'push'>,
  ): Promise<void> {
    const { clientId, clock, random, log } = this.#parts;
    const { MqttBus } = await import('../devices/mqtt-bus.ts'); // few nodes have such a target
    const settings = { url, session: 'clean' } as const;
    const bus = new MqttBus({
      settings,
      clientId: `${clientId}-${random().toString(36).slice(2, 8)}`,
      ...{ clock, random, log, metrics: noMetrics },
    });
    const push: Push = async (texts) => {
      const sent = texts.map((text) => bus.publish(topic, text, { qos, retain }));
      const failed = (await Promise.allSettled(sent)).find(({ status }) => status === 'rejected');
      if (failed) throw new NotPushed(`${placeOf(url)} did not take all of it`);
    };
    const signal = this.#stop.signal;
    await Promise.all([bus.run(signal), runPusher({ ...pusher, push }, signal)]);
  }
}

async function isEmpty(table: Table): Promise<boolean> {
  for await (const _ of table.keys({ limit: 1 })) return false;
  return true;
}
