/**
 * Creates and updates of 2 KB ConfigMaps a second, durable, by 1, 16 and 64 clients at once; and what of
 * the machine that takes, on the server's side and on that of the clients, which share its processors.
 */
import { availableParallelism } from 'node:os';
import { benchDirectory, startApi } from './support/api-process.ts';
import { print, progress, spread, type Spread } from './support/figures.ts';
import { rawParts } from './support/floors.ts';
import { LeanClient } from './support/lean-client.ts';
import { cpuSecondsOf } from './support/process-usage.ts';

type Crowd = 1 | 16 | 64;
type Write = (client: LeanClient, at: number) => Promise<void>;

interface Measured {
  readonly writesPerSecond: number;
  /** Processor time, by thousandths of a second. */
  readonly serverMsPerWrite: number;
  /** Of all processors, percent. */
  readonly clientsPercent: number;
}

const repeats = 3;
const crowds: readonly Crowd[] = [1, 16, 64];
const writesEach = { 1: 300, 16: 2_400, 64: 6_400 } as const;
const text = 'x'.repeat(1_900);
const path = '/api/v1/namespaces/default/configmaps';

await using directory = await benchDirectory();
await using api = await startApi(directory.path);
await using raw = await rawParts();
using opened = new DisposableStack();
const clients: readonly LeanClient[] = await Promise.all(
  Array.from({ length: Math.max(...crowds) }, async () =>
    opened.use(await LeanClient.dial(api.served)),
  ),
);
const figures: Record<string, Spread> = {};
const floor: Record<string, Spread> = {};
await measured(64, (client, at) => client.ask('POST', path, configMap(`warm-${at}`, text)));
for (const crowd of crowds) {
  const rates: { creates: Measured[]; updates: Measured[]; floors: number[] } = {
    ...{ creates: [], updates: [], floors: [] },
  };
  for (let repeat = 1; repeat <= repeats; repeat++) {
    progress(`api-write: ${crowd} clients, repeat ${repeat} of ${repeats}`);
    const name = (at: number): string => `w${crowd}-${repeat}-${at}`;
    const create: Write = (client, at) => client.ask('POST', path, configMap(name(at), text));
    const update: Write = (client, at) =>
      client.ask('PUT', `${path}/${name(at)}`, configMap(name(at), `${text}y`));
    rates.creates.push(await measured(crowd, create));
    rates.updates.push(await measured(crowd, update));
    rates.floors.push(await floorRate(crowd));
  }
  figures[`creates_per_s_${crowd}`] = spread(rates.creates.map((one) => one.writesPerSecond));
  figures[`updates_per_s_${crowd}`] = spread(rates.updates.map((one) => one.writesPerSecond));
  const all = [...rates.creates, ...rates.updates];
  figures[`server_cpu_ms_per_write_${crowd}`] = spread(all.map((one) => one.serverMsPerWrite));
  figures[`clients_cpu_percent_${crowd}`] = spread(all.map((one) => one.clientsPercent));
  floor[`puts_per_s_${crowd}`] = spread(rates.floors);
}

function configMap(name: string, value: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } };
}

async function measured(crowd: Crowd, write: Write): Promise<Measured> {
  const count = writesEach[crowd];
  const [serverBefore, ownBefore] = [await cpuSecondsOf(api.pid), process.cpuUsage()];
  let next = 0;
  const began = performance.now();
  const work = async (client: LeanClient): Promise<void> => {
    while (next < count) await write(client, next++);
  };
  await Promise.all(clients.slice(0, crowd).map(work));
  const ms = performance.now() - began;
  const own = process.cpuUsage(ownBefore);
  const serverMs = ((await cpuSecondsOf(api.pid)) - serverBefore) * 1_000;
  return {
    writesPerSecond: (count * 1_000) / ms,
    serverMsPerWrite: serverMs / count,
    clientsPercent: (own.user + own.system) / (10 * ms * availableParallelism()),
  };
}

/** One synced batch for all clients, again and again: nobody can be faster who syncs. */
async function floorRate(crowd: Crowd): Promise<number> {
  const payload = Buffer.alloc(2_000, 'x');
  const count = writesEach[crowd];
  const began = performance.now();
  for (let put = 0; put < count; put += crowd) await raw.syncedBatch(payload, crowd);
  return (count * 1_000) / (performance.now() - began);
}

print({
  bench: 'api-write',
  figures,
  floor,
  ratio: (figures['creates_per_s_64']?.median ?? 0) / (floor['puts_per_s_64']?.median ?? 1),
});
