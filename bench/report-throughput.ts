/**
 * Reports as fast as nodes take them, from one node and from 100, while the hub writes what they say to
 * the API: reports on the disks of the nodes per second, API writes per object, and the time from the
 * last report until the API shows the newest of every object.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { pods } from '@skerry/cloudhub/kube/resource';
import type { ObjectKey } from '@skerry/shared/names';
import type { BenchEdge } from './support/bench-edge.ts';
import { print, progress, spread, type Spread } from './support/figures.ts';
import { rawParts } from './support/floors.ts';
import { benchHub, podKey, pool, writePod } from './support/hub.ts';
import { watchObjects } from './support/watch.ts';

const repeats = 3;
const floodMs = 5_000;
const patienceMs = 60_000;
const forever = new AbortController().signal;
const padding = 'x'.repeat(400);
/** Reports under way to the disk of each node at once. */
const atOnce = 100;

/** A pod, and the node that reports it. */
interface Subject {
  readonly edge: BenchEdge;
  readonly key: ObjectKey;
  readonly uid: string;
}

/** What the API has shown of one pod. */
interface Shown {
  readonly message: string;
  readonly writes: number;
}

interface Flood {
  readonly reportsPerS: number;
  /** Of the object with the most. */
  readonly writesPerSAndObject: number;
  readonly settledSeconds: number;
}

await using hub = await benchHub();
await using raw = await rawParts();
await using edges = new AsyncDisposableStack();
const shown = new Map<string, Shown>();
const stop = new AbortController();
const watching = watchObjects(hub.api, pods, show, stop.signal);
const oneNode = await subjectsOf(1, 10);
const hundredNodes = await subjectsOf(100, 1);

const fromOne: Flood[] = [];
const fromHundred: Flood[] = [];
const floors: number[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`report-throughput: repeat ${repeat} of ${repeats}`);
  fromOne.push(await flood(oneNode, atOnce, `${repeat}.one`));
  fromHundred.push(await flood(hundredNodes, 100 * atOnce, `${repeat}.hundred`));
  floors.push(await floor());
}
stop.abort();
await watching;

async function subjectsOf(nodes: number, podsOfEach: number): Promise<Subject[]> {
  const subjects: Subject[] = [];
  await pool(nodes, 8, async (n) => {
    const node = `bench-reports-${nodes}-${n}`;
    const edge = edges.use(await hub.edge(node));
    await edge.up;
    for (let i = 0; i < podsOfEach; i++) {
      const name = `${node}-${i}`;
      await writePod(hub.api, { name, node });
      const pod = await hub.api.get(pods, podKey(name), forever);
      const { metadata } = JSON.parse(pod.toString()) as { metadata: { uid: string } };
      subjects.push({ edge, key: podKey(name), uid: metadata.uid });
    }
    await edge.holds(podsOfEach);
  });
  return subjects;
}

async function flood(
  subjects: readonly Subject[],
  reporters: number,
  label: string,
): Promise<Flood> {
  shown.clear();
  const newest = new Map<ObjectKey, string>();
  let reports = 0;
  const began = performance.now();
  const report = async (i: number): Promise<void> => {
    const { edge, key, uid } = subjects[i % subjects.length]!;
    const message = `${label}.${i} ${padding}`;
    newest.set(key, message);
    const payload = Buffer.from(JSON.stringify({ uid, status: { phase: 'Running', message } }));
    await edge.report({ class: 'status', key, payload });
    reports++;
  };
  let next = 0;
  const reporter = async (): Promise<void> => {
    while (performance.now() - began < floodMs) await report(next++);
  };
  await Promise.all(Array.from({ length: reporters }, reporter));
  const ended = performance.now();
  await until(() => [...newest].every(([key, message]) => shown.get(key)?.message === message));
  const settled = performance.now();
  const writes = Math.max(...[...shown.values()].map((one) => one.writes));
  return {
    reportsPerS: (reports * 1_000) / (ended - began),
    writesPerSAndObject: (writes * 1_000) / (settled - began),
    settledSeconds: (settled - ended) / 1_000,
  };
}

function show(object: Buffer): void {
  const { metadata, status } = JSON.parse(object.toString()) as {
    metadata: { name: string };
    status?: { message?: string };
  };
  const key = podKey(metadata.name);
  const writes = (shown.get(key)?.writes ?? 0) + 1;
  shown.set(key, { message: status?.message ?? '', writes });
}

/** Values of the same size, as many at once, each group in one synced batch. */
async function floor(): Promise<number> {
  const value = Buffer.alloc(500, 'x');
  const began = performance.now();
  let values = 0;
  for (; performance.now() - began < floodMs / 5; values += atOnce)
    await raw.syncedBatch(value, atOnce);
  return (values * 1_000) / (performance.now() - began);
}

async function until(probe: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!probe()) {
    if (performance.now() > deadline)
      throw new Error(`the API did not show the newest within ${patienceMs} ms`);
    await sleep(10);
  }
}

function figure(floods: readonly Flood[], name: keyof Flood): Spread {
  return spread(floods.map((one) => one[name]));
}

print({
  bench: 'report-throughput',
  figures: {
    reports_per_s_1_node: figure(fromOne, 'reportsPerS'),
    reports_per_s_100_nodes: figure(fromHundred, 'reportsPerS'),
    api_writes_per_s_and_object_1_node: figure(fromOne, 'writesPerSAndObject'),
    api_writes_per_s_and_object_100_nodes: figure(fromHundred, 'writesPerSAndObject'),
    settled_seconds_1_node: figure(fromOne, 'settledSeconds'),
    settled_seconds_100_nodes: figure(fromHundred, 'settledSeconds'),
  },
  floor: { batched_puts_per_s: spread(floors) },
  ratio: figure(fromOne, 'reportsPerS').median / spread(floors).median,
});
