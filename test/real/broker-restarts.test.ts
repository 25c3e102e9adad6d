import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceId, deviceKey, deviceModelKey } from '@skerry/edgecore/devices/device-id';
import { MqttBus } from '@skerry/edgecore/devices/mqtt-bus';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { DeviceEdge, carriedBy, type DeviceStatus } from '../support/device-edge.ts';
import {
  mosquittoPub,
  mosquittoSub,
  startMosquitto,
  type Mosquitto,
} from '../support/mosquitto.ts';

const devices = 20;
const updates = 4_000;
const restarts = 3;
/** Updates under way at once. */
const atOnce = 20;
const topicOf = (device: number): string => `meter/${device}`;
const model = { spec: { properties: [{ name: 'value', type: 'INT', accessMode: 'ReadOnly' }] } };

function meter(device: number): object {
  const configData = { topic: topicOf(device), jsonPath: '$.value', timestampPath: '$.ts', qos: 2 };
  return {
    metadata: { name: `meter-${device}`, namespace: 'default', uid: `d-${device}`, generation: 1 },
    spec: {
      deviceModelRef: { name: 'meter' },
      nodeName: 'edge-1',
      protocol: { protocolName: 'mqtt' },
      properties: [{ name: 'value', visitors: { configData } }],
    },
  };
}

/** Publishes every update with QoS 1 and 2 in turn, and has the broker restarted in between. */
async function burst(client: MqttBus, broker: Mosquitto): Promise<void> {
  const began = Date.now() - updates;
  let next = 0;
  let acknowledged = 0;
  let restarted = 0;
  let restarting: Promise<void> = Promise.resolve();
  const publishing = async (): Promise<void> => {
    for (let at = next++; at < updates; at = next++) {
      const payload = JSON.stringify({ value: at, ts: began + at });
      const device = at % devices;
      const qos = device % 2 === 0 ? 1 : 2;
      await eventually('a broker', () =>
        client.publish(topicOf(device), payload, { qos }).then(() => true),
      );
      acknowledged += 1;
      if (restarted === restarts || acknowledged < ((restarted + 1) * updates) / (restarts + 1))
        continue;
      restarted += 1;
      restarting = restarting.then(() => broker.restart());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, publishing));
  await restarting;
  expect(restarted).toBe(restarts);
}

/** Until the agent answers behind its subscriptions. */
async function subscribed(port: number): Promise<void> {
  const topic = '$hw/events/device/meter-0/twin/get';
  await using answers = await mosquittoSub(port, `${topic}/result`);
  await mosquittoPub(port, topic, '{}');
  await answers.next();
}

/** Every value that the node remembers of a meter, in the order of its times. */
async function past(client: MqttBus, device: number): Promise<readonly number[]> {
  const topic = `$hw/events/device/meter-${device}/history/get`;
  const answered = Promise.withResolvers<Uint8Array>();
  using _listening = client.subscribe(`${topic}/result`, ({ payload }) => {
    answered.resolve(payload);
    return Promise.resolve();
  });
  await client.publish(topic, JSON.stringify({ property: 'value' }));
  const { readings } = JSON.parse(Buffer.from(await answered.promise).toString()) as {
    readings: { value: string }[];
  };
  return readings.map(({ value }) => Number(value));
}

function valueOf({ twins }: DeviceStatus): number {
  return Number(twins[0]?.reported?.value ?? -1);
}

it.each(['3.1.1', '5'] as const)(
  'a broker restarted again and again in a burst over MQTT %s loses nothing and goes back on nothing',
  async (version) => {
    await using parts = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'skerry-restarts-'));
    parts.defer(() => rm(directory, { recursive: true, force: true }));
    const kept = ['persistence true', `persistence_location ${directory}/`, 'user root'];
    const broker = parts.use(
      await startMosquitto([
        'allow_anonymous true',
        'max_queued_messages 0',
        'max_inflight_messages 0',
        ...kept,
      ]),
    );
    const edge = parts.use(new DeviceEdge(join(directory, 'edge'), carriedBy(broker, version)));
    await edge.start();
    await edge.apply(deviceModelKey('default', 'meter'), model);
    const keys = Array.from({ length: devices }, (_, i) => deviceId('default', `meter-${i}`));
    for (const [i, id] of keys.entries()) await edge.apply(deviceKey(id), meter(i));
    for (const id of keys) await edge.reportedOf(id, ({ conditions }) => conditions.length > 0);
    await subscribed(edge.port);
    const client = new MqttBus({
      settings: { url: broker.url, version, session: 'clean' },
      clientId: 'meters',
      ...{ clock: systemClock, random: systemRandom, log: silentLog, metrics: noMetrics },
    });
    const stop = new AbortController();
    const running = client.run(stop.signal);
    parts.defer(async () => {
      stop.abort();
      await running;
    });
    await burst(client, broker);
    for (const [device, id] of keys.entries()) {
      const last = updates - devices + device;
      await edge.reportedOf(id, (status) => valueOf(status) === last);
      const told = edge.reportsOf(id).map(valueOf);
      expect(told).toEqual(told.toSorted((a, b) => a - b));
      const sent = Array.from({ length: updates / devices }, (_, i) => i * devices + device);
      expect([...new Set(await past(client, device))]).toEqual(sent);
    }
  },
  120_000,
);
