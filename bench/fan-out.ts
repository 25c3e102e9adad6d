/**
 * One ConfigMap that 5,000 nodes use changes: seconds, and CPU seconds of the hub, until all hold it.
 * `--nodes=1000` for another number, `--tls=no` to leave TLS out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { print, progress, spread } from './support/figures.ts';
import { cpuSecondsOf } from './support/process-usage.ts';
import { rawClients, scaleFleet, scaleIdentities, until } from './support/scale-clients.ts';
import { startScaleServer, type ScaleProcess } from './support/scale-process.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '5000' },
    tls: { type: 'string', default: 'yes' },
  },
});
const nodes = Number(values.nodes);
const repeats = 5;
const bytes = 2_000;
/** Acknowledgements are still being written down when all nodes hold the object. */
const quietMs = 1_000;

const tls = values.tls === 'yes' ? await scaleIdentities(nodes) : undefined;
progress(`fan-out: ${nodes} nodes`);
const ours = await ofHub();
progress(`fan-out: ${nodes} raw sockets`);
const floor = await ofRawSockets();
print({
  bench: 'fan-out',
  figures: { nodes, bytes, seconds: spread(ours.seconds), cpu_seconds: spread(ours.cpu) },
  floor: { broadcast_seconds: spread(floor.seconds), cpu_seconds: spread(floor.cpu) },
  ratio: spread(ours.seconds).median / spread(floor.seconds).median,
});

interface Samples {
  readonly seconds: number[];
  readonly cpu: number[];
}

async function ofHub(): Promise<Samples> {
  await using server = await startScaleServer({ kind: 'hub', tls: tls?.server, nodes });
  await using clients = scaleFleet(server, nodes, tls);
  await clients.untilLevel();
  return await broadcast(server, () => clients.fleet.tally.changes);
}

async function ofRawSockets(): Promise<Samples> {
  await using server = await startScaleServer({ kind: 'raw', tls: tls?.server, nodes });
  await using clients = rawClients(server, nodes, tls);
  await clients.untilLevel();
  return await broadcast(server, clients.received);
}

/** The first one is for the compiler. */
async function broadcast(server: ScaleProcess, received: () => number): Promise<Samples> {
  const samples: Samples = { seconds: [], cpu: [] };
  for (let repeat = 0; repeat <= repeats; repeat++) {
    await sleep(quietMs);
    const [before, cpuBefore] = [received(), await cpuSecondsOf(server.pid)];
    const { at } = await server.change({ change: 'shared', bytes });
    await until(() => received() - before >= nodes);
    const seconds = Number(process.hrtime.bigint() - at) / 1e9;
    await sleep(quietMs);
    const cpu = (await cpuSecondsOf(server.pid)) - cpuBefore;
    if (repeat === 0) continue;
    samples.seconds.push(seconds);
    samples.cpu.push(cpu);
  }
  return samples;
}
