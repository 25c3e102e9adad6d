/**
 * Many nodes at one hub process, with real sockets and no cluster: memory and CPU of the hub per node,
 * all nodes cut off at once and back, and one change to one node. `--sizes=1000,5000` for other sizes,
 * `--tls=yes` or `--tls=no` for one of the two.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { percentile, print, progress, spread, type Figures } from './support/figures.ts';
import { cpuPercentOf, memoryOf } from './support/process-usage.ts';
import {
  rawClients,
  scaleFleet,
  scaleIdentities,
  type ScaleClients,
  type ScaleIdentities,
} from './support/scale-clients.ts';
import {
  benchNodes,
  deviceKeyOf,
  startScaleServer,
  type ScaleProcess,
} from './support/scale-process.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,5000,10000' },
    tls: { type: 'string', default: 'both' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const repeats = 3;
const changes = 200;
/** Two heartbeats: what connecting left behind is collected by then. */
const settleMs = 20_000;
const cpuWindowMs = 20_000;
const objectBytes = 2_000;
const forever = new AbortController().signal;

for (const tls of [false, true])
  if (values.tls === 'both' || tls === (values.tls === 'yes'))
    for (const size of sizes) await measure(size, tls);

async function measure(size: number, withTls: boolean): Promise<void> {
  const tls = withTls ? await scaleIdentities(size) : undefined;
  progress(`relay-scale: ${size} nodes, ${withTls ? 'with' : 'without'} TLS`);
  const figures = await ofHub(size, tls);
  progress(`relay-scale: ${size} raw sockets`);
  const floor = await ofRawSockets(size, tls);
  print({
    bench: 'relay-scale',
    figures: { nodes: size, tls: Number(withTls), ...figures },
    floor,
    ratio: figures.rss_kib_per_node / floor.rss_kib_per_socket,
  });
}

async function ofHub(size: number, tls: ScaleIdentities | undefined) {
  await using server = await startScaleServer({ kind: 'hub', tls: tls?.server, nodes: size });
  await using clients = scaleFleet(server, size, tls);
  const connect = await clients.untilLevel();
  await sleep(settleMs);
  const rss = await kibPerClient(server, size);
  const cpu = await cpuPercentOf(server.pid, cpuWindowMs);
  const changeMs: number[][] = [];
  for (let repeat = 0; repeat < repeats; repeat++) changeMs.push(await changeOneByOne());
  const storms = await storm(clients);
  return {
    rss_kib_per_node: rss,
    cpu_percent: cpu,
    connect_seconds: connect,
    change_p50_ms: spread(changeMs.map((samples) => percentile(samples, 0.5))),
    change_p99_ms: spread(changeMs.map((samples) => percentile(samples, 0.99))),
    storm_seconds: storms,
    rss_kib_per_node_after_storms: await kibPerClient(server, size),
  } satisfies Figures;

  /** To one node after another. Milliseconds from the hub's hearing of a change until it is durable. */
  async function changeOneByOne(): Promise<number[]> {
    const nodes = benchNodes(size);
    const samples: number[] = [];
    for (let i = 0; i < changes; i++) {
      const change = nodes[Math.floor(Math.random() * size)] ?? '';
      const { version, at } = await server.change({ change, bytes: objectBytes });
      await clients.fleet.durable(deviceKeyOf(change), version, forever);
      samples.push(Number(process.hrtime.bigint() - at) / 1e6);
    }
    return samples;
  }
}

async function ofRawSockets(size: number, tls: ScaleIdentities | undefined) {
  await using server = await startScaleServer({ kind: 'raw', tls: tls?.server, nodes: size });
  await using clients = rawClients(server, size, tls);
  const connect = await clients.untilLevel();
  await sleep(settleMs);
  const rss = await kibPerClient(server, size);
  return {
    rss_kib_per_socket: rss,
    connect_seconds: connect,
    storm_seconds: await storm(clients),
  } satisfies Figures;
}

/** All are cut at once: seconds until all are back. */
async function storm(clients: ScaleClients) {
  const seconds: number[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    progress(`relay-scale: storm ${repeat} of ${repeats}`);
    clients.cut();
    await sleep(0); // the cut is noticed before it is waited for
    seconds.push(await clients.untilLevel());
  }
  return spread(seconds);
}

async function kibPerClient({ pid, idleBytes }: ScaleProcess, size: number): Promise<number> {
  return ((await memoryOf(pid)).rss - idleBytes) / 1_024 / size;
}
