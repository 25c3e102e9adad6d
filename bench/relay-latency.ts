/** API write accepted → durable in the edge store: one change at a time, and at 500 changes per second. */
import { setTimeout as sleep } from 'node:timers/promises';
import { latencies, percentile, print, progress, spread } from './support/figures.ts';
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
const changes = 300;
const text = 'x'.repeat(2_000);
/** Under load each object changes once per second, so that none is superseded on its way. */
const perSecond = 500;
const loadSeconds = 5;
const loaded = Array.from({ length: perSecond }, (_, i) => `loaded-${i}`);

await using hub = await benchHub();
await using raw = await rawParts();
const node = 'bench-latency';
await writeConfigMap(hub.api, 'subject', text);
await pool(loaded.length, 32, (i) => writeConfigMap(hub.api, loaded[i] ?? '', text));
await writePod(hub.api, { name: 'reader', node, configMaps: ['subject', ...loaded] });
await using edge = await hub.edge(node);
await edge.holds(2 + loaded.length);

const fromRequest: number[][] = [];
const fromAccepted: number[][] = [];
const floors: number[][] = [];
const underLoad: number[][] = [];
const loadRates: number[] = [];
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
  const load = await underLoadMs(repeat);
  if (repeat === 0) continue; // the first one is for the compiler
  underLoad.push(load.accepts);
  loadRates.push(load.perSecond);
  fromRequest.push(requests);
  fromAccepted.push(accepts);
  floors.push(floor);
}

/** Changes begin at their times, whether or not those before have been accepted. */
async function underLoadMs(repeat: number): Promise<{ accepts: number[]; perSecond: number }> {
  const began = performance.now();
  const changes: Promise<number>[] = [];
  for (let i = 0; i < perSecond * loadSeconds; i++) {
    const earlyMs = began + (i * 1_000) / perSecond - performance.now();
    if (earlyMs > 0) await sleep(earlyMs);
    const name = loaded[i % loaded.length] ?? '';
    changes.push(oneChange(name, `${repeat}.${i} ${text}`));
  }
  const accepts = await Promise.all(changes);
  return { accepts, perSecond: (accepts.length * 1_000) / (performance.now() - began) };
}

async function oneChange(name: string, content: string): Promise<number> {
  const version = await updateConfigMap(hub.api, name, content);
  const accepted = performance.now();
  return Math.max(0, (await edge.durable(configMapKey(name), version)) - accepted);
}

const main = percentile(fromRequest.flat(), 0.5);
print({
  bench: 'relay-latency',
  figures: {
    ...latencies('', fromAccepted),
    ...latencies('from_request_', fromRequest),
    ...latencies('at_500_per_s_', underLoad),
    loaded_changes_per_s: spread(loadRates),
  },
  floor: latencies('round_trip_and_batch_', floors),
  ratio: main / percentile(floors.flat(), 0.5),
});
