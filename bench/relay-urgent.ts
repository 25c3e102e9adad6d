/** A pod created while 5,000 updates of ConfigMaps wait for its node: API acceptance → durable there. */
import type { Version } from '@skerry/shared/names';
import { latencies, percentile, print, progress } from './support/figures.ts';
import { rawParts } from './support/floors.ts';
import {
  benchHub,
  configMapKey,
  podKey,
  pool,
  updateConfigMap,
  writeConfigMap,
  writePod,
} from './support/hub.ts';

const repeats = 3;
const updates = 5_000;
const podsPerRepeat = 12;
const referring = 250; // ConfigMaps per pod that refers to them
const text = 'x'.repeat(2_000);
const names = Array.from({ length: updates }, (_, i) => `urgent-${i}`);
const node = 'bench-urgent';

await using hub = await benchHub();
await using raw = await rawParts();
await pool(updates, 32, (i) => writeConfigMap(hub.api, names[i] ?? '', text));
for (let from = 0; from < updates; from += referring)
  await writePod(hub.api, {
    name: `reader-${from}`,
    node,
    configMaps: names.slice(from, from + referring),
  });
await using edge = await hub.edge(node);
await edge.holds(updates + updates / referring);

const results: number[][] = [];
const floors: number[][] = [];
const payload = Buffer.from(text);
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`relay-urgent: repeat ${repeat} of ${repeats}`);
  await edge.disconnect();
  const newest: Version[] = [];
  await pool(updates, 32, async (i) => {
    newest[i] = await updateConfigMap(hub.api, names[i] ?? '', `${repeat} ${text}`);
  });
  const waiting = Promise.all(
    names.map((name, i) => edge.durable(configMapKey(name), newest[i] as Version)),
  );
  await edge.connect();
  const [took, floor]: [number[], number[]] = [[], []];
  for (let i = 0; i < podsPerRepeat; i++) {
    const name = `urgent-${repeat}-${i}`;
    const version = await writePod(hub.api, { name, node });
    const accepted = performance.now();
    took.push((await edge.durable(podKey(name), version)) - accepted);
    floor.push((await raw.roundTrip(payload)) + (await raw.syncedBatch(payload, 1)));
  }
  await waiting;
  results.push(took);
  floors.push(floor);
}

print({
  bench: 'relay-urgent',
  figures: { ...latencies('', results), updates },
  floor: latencies('round_trip_and_batch_', floors),
  ratio: percentile(results.flat(), 0.5) / percentile(floors.flat(), 0.5),
});
