/**
 * Memory and CPU of the packaged agent: idle, and with pods that are probed and have nothing to tell.
 * `--churn-minutes N` goes on with N minutes in which pods come and go, and tells how memory grows;
 * `--repeats N` measures so often (3).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { pods as podType } from '@skerry/cloudhub/kube/resource';
import { importBusybox, startDockerEngine } from '../test/support/docker-engine.ts';
import type { TestNode } from '../test/support/daemons.ts';
import { runningContainers, writeProbed } from './support/containers.ts';
import { print, progress, slope, spread, type Figures } from './support/figures.ts';
import { benchHub, podKey } from './support/hub.ts';
import { cpuPercentOf, memoryOf } from './support/process-usage.ts';

const counts = [20, 50] as const;
const settleMs = 15_000;
const cpuWindowMs = 20_000;
const sampleMs = 5_000;
const patienceMs = 300_000;
const forever = new AbortController().signal;
const { values } = parseArgs({
  options: {
    'churn-minutes': { type: 'string', default: '0' },
    repeats: { type: 'string', default: '3' },
  },
});
const repeats = Number(values.repeats);
const churnMinutes = Number(values['churn-minutes']);

await using engine = await startDockerEngine();
const image = await importBusybox(engine);
await using hub = await benchHub();
const samples = new Map<string, number[]>();
let churn: Figures = {};
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`agent-footprint: repeat ${repeat} of ${repeats}`);
  const node = await hub.dockerNode(engine);
  // what is made once in a node's life, its keys, is made
  await node.daemon.end('SIGTERM');
  await node.daemon.start();
  await hub.system.untilReady(node);
  await sleep(settleMs);
  await measure(node, 'idle');
  const names: string[] = [];
  for (const count of counts) {
    while (names.length < count) names.push(await write(node, `p${repeat}-${names.length}`));
    await untilRunning(`p${repeat}-`, count);
    await sleep(settleMs);
    await measure(node, `${count}_pods`);
    if (count === counts[0])
      take('cpu_percent_20_pods', await cpuPercentOf(node.daemon.pid, cpuWindowMs));
  }
  if (repeat === repeats && churnMinutes > 0) churn = await churned(node, `p${repeat}-`, names);
  for (const name of names) await remove(name);
  await untilRunning(`p${repeat}-`, 0);
  await node.daemon.end('SIGTERM');
  take('bare', await bareNodeMb());
}
const { bare = [], ...taken } = Object.fromEntries(samples);
const spreads = Object.entries(taken).map(([name, values]) => [name, spread(values)] as const);
print({
  bench: 'agent-footprint',
  figures: { ...Object.fromEntries(spreads), ...churn, load_1_minute: loadavg()[0] ?? 0 },
  floor: { bare_node_rss_mb: spread(bare) },
  ratio: spread(samples.get('rss_mb_20_pods') ?? []).median / spread(bare).median,
});

async function measure({ daemon }: TestNode, when: string): Promise<void> {
  const { rss, anonymous } = await memoryOf(daemon.pid);
  take(`rss_mb_${when}`, rss / 1e6);
  take(`anonymous_mb_${when}`, anonymous / 1e6);
}

function take(name: string, value: number): void {
  samples.set(name, [...(samples.get(name) ?? []), value]);
}

/** One pod replaced by another at a time, the number of them staying the same. */
async function churned(node: TestNode, prefix: string, names: string[]): Promise<Figures> {
  const began = performance.now();
  const points: [minutes: number, mb: number][] = [];
  let [replaced, sampled] = [0, -Infinity];
  const minutes = (): number => (performance.now() - began) / 60_000;
  while (minutes() < churnMinutes) {
    await remove(names.shift() ?? '');
    names.push(await write(node, `${prefix}churn-${replaced++}`));
    await untilRunning(prefix, counts[1]);
    if (performance.now() - sampled < sampleMs) continue;
    sampled = performance.now();
    points.push([minutes(), (await memoryOf(node.daemon.pid)).rss / 1e6]);
  }
  const second = points.slice(Math.floor(points.length / 2));
  return {
    churn_minutes: churnMinutes,
    churn_pods_replaced: replaced,
    churn_rss_mb_first: points[0]?.[1] ?? Number.NaN,
    churn_rss_mb_last: points.at(-1)?.[1] ?? Number.NaN,
    churn_mb_per_10_minutes: slope(points) * 10,
    churn_mb_per_10_minutes_second_half: slope(second) * 10,
  };
}

async function write(node: TestNode, name: string): Promise<string> {
  await writeProbed(hub.api, { name, node: node.name, image });
  return name;
}

function remove(name: string): Promise<unknown> {
  return hub.api.delete(podType, podKey(name), {}, forever);
}

/** A process of this runtime that does nothing. */
async function bareNodeMb(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  await sleep(1_000);
  const { rss } = await memoryOf(child.pid);
  child.kill();
  await once(child, 'exit');
  return rss / 1e6;
}

async function untilRunning(prefix: string, count: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while ((await runningContainers(engine.socketPath, prefix)).length !== count) {
    if (performance.now() > deadline) throw new Error(`not ${count} pods after 300 s`);
    await sleep(100);
  }
}
