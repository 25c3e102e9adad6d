/** API write accepted → durable in the edge store, one change at a time. */
import { latencies, percentile, print, progress } from './support/figures.ts';
import { rawParts } from './support/floors.ts';
import {
  benchHub,
  configMapKey,
  updateConfigMap,
  writeConfigMap,
  writePod,
} from './support/hub.ts';

const repeats = 3;
const changes = 300;
const text = 'x'.repeat(2_000);

await using hub = await benchHub();
await using raw = await rawParts();
const node = 'bench-latency';
await writeConfigMap(hub.api, 'subject', text);
await writePod(hub.api, { name: 'reader', node, configMaps: ['subject'] });
await using edge = await hub.edge(node);
await edge.holds(2);

const fromRequest: number[][] = [];
const fromAccepted: number[][] = [];
const floors: number[][] = [];
const payload = Buffer.from(text);
for (let repeat = 0; repeat <= repeats; repeat++) {
  progress(`relay-latency: ${repeat === 0 ? 'warming up' : `repeat ${repeat} of ${repeats}`}`);
  const [requests, accepts, floor]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < changes; i++) {
    const began = performance.now();
    const version = await updateConfigMap(hub.api, 'subject', `${repeat}.${i} ${text}`);
    const accepted = performance.now();
    const durable = await edge.durable(configMapKey('subject'), version);
    requests.push(durable - began);
    accepts.push(Math.max(0, durable - accepted));
    floor.push((await raw.roundTrip(payload)) + (await raw.syncedBatch(payload, 1)));
  }
  if (repeat === 0) continue; // the first one is for the compiler
  fromRequest.push(requests);
  fromAccepted.push(accepts);
  floors.push(floor);
}

const main = percentile(fromRequest.flat(), 0.5);
print({
  bench: 'relay-latency',
  figures: { ...latencies('', fromAccepted), ...latencies('from_request_', fromRequest) },
  floor: latencies('round_trip_and_batch_', floors),
  ratio: main / percentile(floors.flat(), 0.5),
});
