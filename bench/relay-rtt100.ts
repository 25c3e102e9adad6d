/** 1,000 objects written while an edge was away, over a round trip of 100 ms: from its dial until all are durable. */
import { print, progress, spread } from './support/figures.ts';
import { rawStream } from './support/floors.ts';
import { benchHub, pool, writePod } from './support/hub.ts';

const repeats = 3;
const objects = 1_000;
const oneWayMs = 50;
const padding = 'x'.repeat(1_500);
const perMessage = 32;

await using hub = await benchHub();
await using network = await hub.network();
await using raw = await rawStream();
for (const one of [network, raw.proxy])
  Object.assign(one.delayMs, { up: oneWayMs, down: oneWayMs });

const seconds: number[] = [];
const floors: number[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`relay-rtt100: repeat ${repeat} of ${repeats}`);
  const node = `bench-rtt-${repeat}`;
  await using edge = await hub.edge(node, network);
  await edge.up;
  await edge.disconnect();
  await pool(objects, 32, async (i) => {
    await writePod(hub.api, { name: `${node}-${i}`, node, padding });
  });
  const began = performance.now();
  await edge.connect();
  seconds.push(((await edge.holds(objects)) - began) / 1_000);
  floors.push((await raw.receive(Buffer.alloc(2_000, 'x'), objects, perMessage)) / 1_000);
}

print({
  bench: 'relay-rtt100',
  figures: { seconds: spread(seconds), objects, round_trip_ms: 2 * oneWayMs },
  floor: { dial_and_stream_seconds: spread(floors) },
  ratio: spread(seconds).median / spread(floors).median,
});
