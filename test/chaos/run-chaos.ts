import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { deviceModels, events } from '@skerry/cloudhub/kube/resource';
import { messageOf } from '@skerry/shared/errors';
import { eventually } from '../support/eventually.ts';
import { ChaosSystem, remainsOf } from './chaos-system.ts';
import { DeviceWatch } from './device-watch.ts';
import { planFaults } from './faults.ts';
import type { Journal } from './journal.ts';
import { Meters } from './meters.ts';
import { annotationOf, model, namespace } from './objects.ts';
import { compareDisks, metricsOf, unrest, type Disks, type Final } from './settling.ts';
import { strikeAll } from './strike.ts';
import { listAll, readCluster } from './comparison.ts';
import { missing, Writer } from './writer.ts';
import { meterNames, planWrites } from './writes.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long faults go on. */
  readonly seconds: number;
  readonly writes: number;
  /** Of all meters together, at least. */
  readonly readings: number;
  /** Where the daemons' logs go. */
  readonly logsDirectory: string;
}

export interface Outcome extends Disks {
  /** Acknowledged writes that the API does not have at the end. */
  readonly lostWrites: readonly string[];
  /** Reports that agents gave up, other than those of objects that are gone. */
  readonly droppedReports: readonly string[];
  readonly hubExitCode: number | null;
  /** Processes and mounts that are still there after all has ended. */
  readonly remains: readonly string[];
}

const nodeCount = 3;
/** Beyond the chaos: to catch up and to come to rest on a machine that has much else to do. */
export const aftermathSeconds = 240;
const restMs = 120_000;

/** Faults while writes go down and readings go up; then rest, and everything is compared. */
export async function runChaos(options: ChaosOptions, journal: Journal): Promise<Outcome> {
  const bound = AbortSignal.timeout((options.seconds + aftermathSeconds) * 1_000);
  let directory = '';
  const outcome = await (async () => {
    await using chaos = await ChaosSystem.start(nodeCount, journal);
    ({ directory } = chaos.system);
    journal.note('disk', `is a ${chaos.disk.kind}`);
    try {
      return await live(chaos, options, journal, bound);
    } finally {
      await chaos.keepLogs(options.logsDirectory);
    }
  })();
  return { ...outcome, remains: await remainsOf(directory) };
}

async function live(
  chaos: ChaosSystem,
  { seed, seconds, writes: writeCount, readings }: ChaosOptions,
  journal: Journal,
  bound: AbortSignal,
): Promise<Omit<Outcome, 'remains'>> {
  await using work = new AsyncDisposableStack();
  const background = inBackground(work, journal, bound);
  const names = chaos.nodes.map(({ name }) => name);
  const writes = planWrites(seed, writeCount, names);
  const counts = Math.ceil(readings / names.flatMap(meterNames).length);
  const writer = new Writer(chaos.api, journal);
  const meters = chaos.nodes.map(({ node, name }) =>
    work.use(new Meters(node.mqttPort, meterNames(name), journal)),
  );
  for (const keeper of chaos.keepers) background((signal) => keeper.watch(signal));
  background((signal) => new DeviceWatch(chaos.api, journal).run(signal));
  background((signal) => watchMemory(chaos, journal, signal));
  await chaos.api.create(deviceModels, namespace, model, bound);
  const ms = seconds * 1_000;
  const noted = async (what: string, done: Promise<void>): Promise<void> => {
    await done;
    journal.note('run', what);
  };
  await Promise.all([
    noted(
      'the last fault is over',
      strikeAll(planFaults(seed, seconds, nodeCount), chaos, journal),
    ),
    noted('everything is written', writer.run(writes, ms, bound)),
    ...meters.map((one, i) =>
      noted(`the meters of edge-${i} are done`, one.run(counts, ms, bound)),
    ),
  ]);
  const final = { counts, targets: targetsOf(writer) };
  const disks = await atRest(chaos, final, journal, bound);
  journal.count('events', (await listAll(chaos.api, events, bound)).length);
  return {
    ...disks,
    lostWrites: await lost(chaos, writer, bound),
    hubExitCode: await chaos.hub.stop(),
  };
}

/** Runs things beside the rest, and ends them with it. */
function inBackground(
  work: AsyncDisposableStack,
  journal: Journal,
  bound: AbortSignal,
): (run: (signal: AbortSignal) => Promise<void>) => void {
  const stop = new AbortController();
  const running: Promise<void>[] = [];
  work.defer(async () => {
    stop.abort();
    await Promise.all(running);
  });
  return (run) => {
    running.push(
      run(AbortSignal.any([stop.signal, bound])).catch((error: unknown) =>
        journal.violation(`the run itself broke: ${messageOf(error)}`),
      ),
    );
  };
}

/** What each meter was last told to be. */
function targetsOf({ acked }: Writer): Final['targets'] {
  const values = [...acked].map(([key, { slots }]): [string, number] => [
    key.split('/')[2] ?? '',
    Math.max(...Object.values(slots).map(Number)),
  ]);
  return new Map(values);
}

const comparisons = 5;

/**
 * Waits until both sides say that they are level, then looks for itself. Devices tell from time to time
 * that they live: what came between the two is looked at again.
 */
async function atRest(
  chaos: ChaosSystem,
  final: Final,
  journal: Journal,
  bound: AbortSignal,
): Promise<Disks & Pick<Outcome, 'droppedReports'>> {
  for (let attempt = 1; ; attempt++) {
    const rest = async (): Promise<true> => {
      const flaws = await unrest(chaos, final, bound);
      if (flaws.length > 0) throw new Error(flaws.join('\n'));
      return true;
    };
    await eventually('rest', rest, restMs).catch((error: unknown) => {
      const why = error instanceof Error ? messageOf(error.cause) : '';
      throw new Error(`the two sides did not become equal:\n${why}`);
    });
    journal.note('run', 'both sides say that they are level');
    const droppedReports = await dropped(chaos);
    const disks = await compareDisks(chaos, bound);
    if (disks.differences.length === 0 || attempt === comparisons)
      return { ...disks, droppedReports };
    journal.note('run', `not equal yet: ${disks.differences.join('; ')}`);
    for (const { keeper } of chaos.nodes) await keeper.start();
  }
}

async function dropped({ nodes }: ChaosSystem): Promise<string[]> {
  const all = await Promise.all(nodes.map(({ node }) => metricsOf(node.metricsPort)));
  return all
    .flatMap((metrics) => [...metrics])
    .filter(([name, count]) => /reports_dropped_total\b/.test(name) && count > 0)
    .filter(([name]) => !name.includes('reason="refused"'))
    .map(([name, count]) => `${name} ${count}`);
}

/** What was acknowledged and is not there, and what is there and was deleted. */
async function lost(
  { api }: ChaosSystem,
  { acked }: Writer,
  bound: AbortSignal,
): Promise<string[]> {
  const cluster = await readCluster(api, bound);
  const mark = annotationOf('');
  const flaws = [...acked].flatMap(([key, one]) => {
    const told = cluster.get(key);
    const flaw = told ? missing(one, told) : 'is not there';
    return flaw === undefined ? [] : [`${key} ${flaw}`];
  });
  const undead = [...cluster]
    .filter(([key, { metadata }]) => !acked.has(key) && isOurs(metadata.annotations, mark))
    .map(([key]) => `${key} was deleted`);
  return [...flaws, ...undead];
}

function isOurs(annotations: object | undefined, mark: string): boolean {
  return Object.keys(annotations ?? {}).some((name) => name.startsWith(mark));
}

const sampleMs = 1_000;

/** Keeps the largest resident set of each daemon, in MiB. */
async function watchMemory(
  { keepers }: ChaosSystem,
  journal: Journal,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const { name, daemon } of keepers) {
      const status = await readFile(`/proc/${daemon.pid}/status`, 'utf8').catch(() => '');
      const mib = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
      journal.count(`rss_mib ${name}`, Math.max(0, mib - journal.counted(`rss_mib ${name}`)));
    }
    await sleep(sampleMs, undefined, { signal }).catch(() => undefined);
  }
}
