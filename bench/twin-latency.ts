/** MQTT publish → twin durable at the edge, → visible in the Device; every device quiet before. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { readingTopic, watchValues, writeDevice, writeModel } from './support/devices.ts';
import { latencies, percentile, print, progress } from './support/figures.ts';
import { rawParts } from './support/floors.ts';
import { benchHub } from './support/hub.ts';

const repeats = 3;
const devices = 40;
const readings = 120;
/** Each device is quiet for devices × pause between two of its readings: longer than the coalescing. */
const pauseMs = 40;
const patienceMs = 10_000;

await using hub = await benchHub();
await using raw = await rawParts();
const node = await hub.system.addNode({ log: { level: 'warn' } });
await node.daemon.start();
await hub.system.untilReady(node);
await writeModel(hub.api);
const names = Array.from({ length: devices }, (_, i) => `meter-${i}`);
for (const name of names) await writeDevice(hub.api, name, node.name);

const publisher = await connectAsync(`mqtt://127.0.0.1:${node.mqttPort}`);
const listener = await connectAsync(`mqtt://127.0.0.1:${node.mqttPort}`);
const stop = new AbortController();
const [edge, cloud] = [new Map<string, number>(), new Map<string, number>()];
listener.on('message', (_topic, payload) => {
  const document = JSON.parse(payload.toString()) as {
    twin?: { value?: { current?: { actual?: { value?: string } } } };
  };
  const value = document.twin?.value?.current?.actual?.value;
  if (value !== undefined && !edge.has(value)) edge.set(value, performance.now());
});
await listener.subscribeAsync('$hw/events/device/+/+/twin/update/document');
const watching = watchValues(
  hub.api,
  (_device, value) => {
    if (!cloud.has(value)) cloud.set(value, performance.now());
  },
  stop.signal,
);

let next = 1;
const edgeRepeats: number[][] = [];
const cloudRepeats: number[][] = [];
const floors: number[][] = [];
await warmUp();
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`twin-latency: repeat ${repeat} of ${repeats}`);
  const sent: [string, number][] = [];
  for (let i = 0; i < readings; i++) {
    const value = String(next++);
    sent.push([value, performance.now()]);
    publish(names[i % devices] ?? '', value);
    await sleep(pauseMs);
  }
  await until(() => sent.every(([value]) => edge.has(value) && cloud.has(value)));
  edgeRepeats.push(sent.map(([value, at]) => (edge.get(value) ?? Number.NaN) - at));
  cloudRepeats.push(sent.map(([value, at]) => (cloud.get(value) ?? Number.NaN) - at));
  const floor: number[] = [];
  const payload = Buffer.alloc(500, 'x');
  for (let i = 0; i < readings; i++)
    floor.push((await raw.roundTrip(payload)) + (await raw.syncedBatch(payload, 1)));
  floors.push(floor);
}
stop.abort();
await watching;
await publisher.endAsync();
await listener.endAsync();

print({
  bench: 'twin-latency',
  figures: { ...latencies('edge_', edgeRepeats), ...latencies('cloud_', cloudRepeats) },
  floor: latencies('round_trip_and_batch_', floors),
  ratio: percentile(cloudRepeats.flat(), 0.5) / percentile(floors.flat(), 0.5),
});

function publish(device: string, value: string): void {
  publisher.publish(readingTopic(device), JSON.stringify({ value: Number(value) }), { qos: 1 });
}

/** Until every device answers: its mapper subscribes some time after the Device was written. */
async function warmUp(): Promise<void> {
  for (const name of names) {
    const value = String(next++);
    await until(async () => {
      if (!edge.has(value)) publish(name, value);
      await sleep(50);
      return edge.has(value) && cloud.has(value);
    });
  }
}

async function until(probe: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await probe())) {
    if (performance.now() > deadline)
      throw new Error(`not every reading arrived within ${patienceMs} ms`);
    await sleep(5);
  }
}
