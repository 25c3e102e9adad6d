/** 5,000 updates of one node's objects, until the last is durable at the edge. */
import { print, progress, spread } from './support/figures.ts';
import { rawParts } from './support/floors.ts';
import {
  benchHub,
  configMapKey,
  pool,
  updateConfigMap,
  writeConfigMap,
  writePod,
} from './support/hub.ts';

const repeats = 3;
const updates = 5_000;
const objects = 100;
const clients = 32;
const text = 'x'.repeat(2_000);
const names = Array.from({ length: objects }, (_, i) => `burst-${i}`);

await using hub = await benchHub();
await using raw = await rawParts();
const node = 'bench-burst';
await pool(objects, clients, (i) => writeConfigMap(hub.api, names[i] ?? '', text));
await writePod(hub.api, { name: 'reader', node, configMaps: names });
await using edge = await hub.edge(node);
await edge.holds(objects + 1);

const seconds: number[] = [];
const writeSeconds: number[] = [];
const floors: number[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`relay-burst: repeat ${repeat} of ${repeats}`);
  const newest = new Map<string, bigint>();
  const began = performance.now();
  await pool(updates, clients, async (i) => {
    const name = names[i % objects] ?? '';
    const version = await updateConfigMap(hub.api, name, `${repeat}.${i} ${text}`);
    if (version > (newest.get(name) ?? 0n)) newest.set(name, version);
  });
  writeSeconds.push((performance.now() - began) / 1_000);
  const durable = await Promise.all(
    [...newest].map(([name, version]) => edge.durable(configMapKey(name), version as never)),
  );
  seconds.push((Math.max(...durable) - began) / 1_000);
  floors.push(await floorSeconds());
}

/** The same number of messages there and back in 32s, each 32 in one synced batch. */
async function floorSeconds(): Promise<number> {
  const message = Buffer.from(text.repeat(32));
  const one = Buffer.from(text);
  const began = performance.now();
  for (let sent = 0; sent < updates; sent += 32) {
    await raw.roundTrip(message);
    await raw.syncedBatch(one, 32);
  }
  return (performance.now() - began) / 1_000;
}

print({
  bench: 'relay-burst',
  figures: { seconds: spread(seconds), api_writes_seconds: spread(writeSeconds), updates, objects },
  floor: { round_trips_and_batches_seconds: spread(floors) },
  ratio: spread(seconds).median / spread(floors).median,
});
