/** Creates and updates of 2 KB ConfigMaps a second, durable, by 1, 16 and 64 clients at once. */
import { benchDirectory, startApi } from './support/api-process.ts';
import { print, progress, spread, type Spread } from './support/figures.ts';
import { rawParts } from './support/floors.ts';

const repeats = 3;
const crowds = [1, 16, 64] as const;
const writesEach = { 1: 300, 16: 2_400, 64: 6_400 } as const;
const text = 'x'.repeat(1_900);
const path = '/api/v1/namespaces/default/configmaps';

await using directory = await benchDirectory();
await using api = await startApi(directory.path);
await using raw = await rawParts();
const figures: Record<string, Spread> = {};
const floor: Record<string, Spread> = {};
for (const clients of crowds) {
  const rates: { creates: number[]; updates: number[]; floors: number[] } = {
    ...{ creates: [], updates: [], floors: [] },
  };
  for (let repeat = 1; repeat <= repeats; repeat++) {
    progress(`api-write: ${clients} clients, repeat ${repeat} of ${repeats}`);
    const name = (at: number): string => `w${clients}-${repeat}-${at}`;
    rates.creates.push(
      await rate(clients, (at) => api.ask('POST', path, configMap(name(at), text))),
    );
    rates.updates.push(
      await rate(clients, (at) =>
        api.ask('PUT', `${path}/${name(at)}`, configMap(name(at), `${text}y`)),
      ),
    );
    rates.floors.push(await floorRate(clients));
  }
  figures[`creates_per_s_${clients}`] = spread(rates.creates);
  figures[`updates_per_s_${clients}`] = spread(rates.updates);
  floor[`puts_per_s_${clients}`] = spread(rates.floors);
}

function configMap(name: string, value: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } };
}

async function rate(
  clients: 1 | 16 | 64,
  write: (at: number) => Promise<unknown>,
): Promise<number> {
  const count = writesEach[clients];
  let next = 0;
  const began = performance.now();
  const client = async (): Promise<void> => {
    while (next < count) await write(next++);
  };
  await Promise.all(Array.from({ length: clients }, client));
  return (count * 1_000) / (performance.now() - began);
}

/** One synced batch for all clients, again and again: nobody can be faster who syncs. */
async function floorRate(clients: 1 | 16 | 64): Promise<number> {
  const payload = Buffer.alloc(2_000, 'x');
  const count = writesEach[clients];
  const began = performance.now();
  for (let put = 0; put < count; put += clients) await raw.syncedBatch(payload, clients);
  return (count * 1_000) / (performance.now() - began);
}

print({
  bench: 'api-write',
  figures,
  floor,
  ratio: (figures['creates_per_s_64']?.median ?? 0) / (floor['puts_per_s_64']?.median ?? 1),
});
