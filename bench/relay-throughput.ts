/** Distinct 2 KB objects to one node: from its hello until all are durable. */
import { print, progress, spread } from './support/figures.ts';
import { rawParts } from './support/floors.ts';
import { benchHub, pool, writePod } from './support/hub.ts';

const repeats = 3;
const objects = 2_000;
const padding = 'x'.repeat(1_500);

await using hub = await benchHub();
await using raw = await rawParts();
const rates: number[] = [];
const floors: number[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`relay-throughput: repeat ${repeat} of ${repeats}`);
  const node = `bench-throughput-${repeat}`;
  await pool(objects, 32, async (i) => {
    await writePod(hub.api, { name: `${node}-${i}`, node, padding });
  });
  await using edge = await hub.edge(node);
  await edge.up;
  const began = performance.now();
  const ended = await edge.holds(objects);
  rates.push((objects * 1_000) / (ended - began));
  floors.push(await floorRate());
}

async function floorRate(): Promise<number> {
  const message = Buffer.alloc(2_000 * 32, 'x');
  const one = Buffer.alloc(2_000, 'x');
  const began = performance.now();
  for (let sent = 0; sent < objects; sent += 32) {
    await raw.roundTrip(message);
    await raw.syncedBatch(one, 32);
  }
  return (objects * 1_000) / (performance.now() - began);
}

print({
  bench: 'relay-throughput',
  figures: { objects_per_s: spread(rates), objects },
  floor: { round_trips_and_batches_per_s: spread(floors) },
  ratio: spread(rates).median / spread(floors).median,
});
