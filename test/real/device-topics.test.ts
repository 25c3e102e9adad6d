import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceId, deviceKey, deviceModelKey } from '@skerry/edgecore/devices/device-id';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceEdge, carriers } from '../support/device-edge.ts';
import { eventually } from '../support/eventually.ts';
import { receiveJson, type JsonReceiver } from '../support/json-receiver.ts';
import { mosquittoPub, mosquittoSub, type Heard, type Listener } from '../support/mosquitto.ts';

/** What is heard on a topic below `$hw/events/`. */
interface Told {
  readonly on: string;
  readonly says: object;
}

/** What a program publishes below `$hw/events/`, and everything that is to be heard then. */
interface Case {
  readonly what: string;
  readonly topic: string;
  readonly says: object | string;
  readonly hears: readonly Told[];
}

const ovenOf = (labels: object, desired?: string): object => ({
  metadata: { name: 'oven', namespace: 'default', uid: 'd-1', generation: desired ? 2 : 1, labels },
  spec: {
    deviceModelRef: { name: 'oven' },
    nodeName: 'edge-1',
    protocol: { protocolName: 'mqtt' },
    methods: [{ name: 'heat', description: 'Heats.', propertyNames: ['setpoint'] }],
    properties: [
      {
        name: 'setpoint',
        ...(desired && { desired: { value: desired } }),
        visitors: { configData: { topic: 'oven/reading', setTopic: 'oven/set' } },
      },
      { name: 'temperature', visitors: { configData: { topic: 'oven/temperature' } } },
    ],
  },
});
const oven = deviceKey(deviceId('default', 'oven'));
const model = {
  metadata: { name: 'oven', namespace: 'default' },
  spec: {
    properties: [
      { name: 'setpoint', type: 'INT', accessMode: 'ReadWrite', maximum: '300' },
      { name: 'temperature', type: 'FLOAT', accessMode: 'ReadOnly' },
    ],
  },
};

/** The device's own clock, so that no history takes it for one that was never set. */
const made = Date.now() - 60_000;
const time = { timestamp: expect.any(Number) as number };
const at = (timestamp: number): object => ({ metadata: { timestamp } });
const reading = { actual: { value: '21.5', ...at(made) } };
const held = { temperature: { ...reading, metadata: { type: 'float' } } };
const answered = (event_id: string, more: object): object => ({ event_id, ...time, ...more });

const cases: readonly Case[] = [
  {
    what: 'a reading with its own time, answered under the name that was used, news under both',
    topic: 'device/oven/twin/update',
    says: {
      event_id: 'a1',
      timestamp: 5,
      twin: { temperature: { ...reading, metadata: { type: 'Updated' } } },
    },
    hears: [
      { on: 'device/oven/twin/update/result', says: answered('a1', { code: 0, twin: held }) },
      ...['oven', 'default/oven'].map((dev) => ({
        on: `device/${dev}/twin/update/document`,
        says: {
          event_id: expect.any(String) as string,
          ...time,
          twin: {
            temperature: {
              last: { metadata: { type: 'float' } },
              current: { ...reading, metadata: { type: 'float' } },
            },
          },
        },
      })),
    ],
  },
  {
    what: 'a late reading, which changes nothing',
    topic: 'device/default/oven/twin/update',
    says: {
      event_id: 'a2',
      twin: { temperature: { actual: { value: '9', ...at(made - 1_000) } } },
    },
    hears: [
      {
        on: 'device/default/oven/twin/update/result',
        says: answered('a2', { code: 0, twin: held }),
      },
    ],
  },
  {
    what: 'the time of the message for a reading without one',
    topic: 'device/oven/twin/update',
    says: {
      event_id: 'a3',
      timestamp: made + 500,
      twin: { setpoint: { actual: { value: 7 } } },
    },
    hears: [
      {
        on: 'device/oven/twin/update/result',
        says: { code: 0, twin: { setpoint: { actual: { value: '7', ...at(made + 500) } } } },
      },
    ],
  },
  {
    what: 'a question for the twin',
    topic: 'device/default/oven/twin/get',
    says: { event_id: 'g1', timestamp: 1 },
    hears: [
      {
        on: 'device/default/oven/twin/get/result',
        says: answered('g1', { code: 0, twin: { ...held, setpoint: { actual: { value: '7' } } } }),
      },
    ],
  },
  {
    what: 'a desired value, with the delta that asks the device for it',
    topic: 'device/oven/twin/update',
    says: { event_id: 'd1', twin: { setpoint: { expected: { value: '180' } } } },
    hears: [
      {
        on: 'device/oven/twin/update/result',
        says: answered('d1', {
          code: 0,
          twin: { setpoint: { expected: { value: '180' }, actual: { value: '7' } } },
        }),
      },
      ...['oven', 'default/oven'].map((dev) => ({
        on: `device/${dev}/twin/update/delta`,
        says: {
          event_id: expect.any(String) as string,
          ...time,
          delta: { setpoint: '180' },
          twin: {
            setpoint: {
              expected: { value: '180' },
              actual: { value: '7' },
              metadata: { type: 'int' },
            },
          },
        },
      })),
    ],
  },
  {
    what: 'a desired value older than the one that is held',
    topic: 'device/oven/twin/update',
    says: { event_id: 'd2', twin: { setpoint: { expected: { value: '170', ...at(5) } } } },
    hears: [
      {
        on: 'device/oven/twin/update/result',
        says: answered('d2', { code: 409, reason: expect.stringContaining('older') as string }),
      },
    ],
  },
  ...[null, { metadata: { type: 'deleted' } }].map((entry, i): Case => ({
    what: `a value removed by ${JSON.stringify(entry)}`,
    topic: 'device/oven/twin/update',
    says: { event_id: `r${i}`, twin: { temperature: entry } },
    hears: [
      {
        on: 'device/oven/twin/update/result',
        says: {
          event_id: `r${i}`,
          code: 0,
          twin: { temperature: { metadata: { type: 'float' } } },
        },
      },
    ],
  })),
  {
    what: 'what is no value of the property',
    topic: 'device/oven/twin/update',
    says: { event_id: 'w1', twin: { temperature: { actual: { value: 'warm' } } } },
    hears: [
      {
        on: 'device/oven/twin/update/result',
        says: answered('w1', {
          code: 400,
          reason: 'twin.temperature.actual.value is not a number',
        }),
      },
    ],
  },
  {
    what: 'what is not JSON',
    topic: 'device/oven/twin/update',
    says: 'warm',
    hears: [{ on: 'device/oven/twin/update/result', says: answered('', { code: 400 }) }],
  },
  ...['twin/update', 'twin/get', 'state/update', 'history/get', 'method/call'].map(
    (verb): Case => ({
      what: `${verb} of a device that is not there`,
      topic: `device/plant/ghost/${verb}`,
      says: { event_id: 'x1', twin: {}, state: 'online', property: 'p', method: 'm' },
      hears: [
        {
          on: `device/plant/ghost/${verb}/result`,
          says: answered('x1', { code: 404, reason: 'no device plant/ghost on this node' }),
        },
      ],
    }),
  ),
  ...['offline', 'online'].map((state): Case => ({
    what: `its state: ${state}`,
    topic: 'device/oven/state/update',
    says: { event_id: 's1', timestamp: 1, state },
    hears: [{ on: 'device/oven/state/update/result', says: answered('s1', { code: 0, state }) }],
  })),
  {
    what: 'a question for what can be called',
    topic: 'device/oven/method/get',
    says: { event_id: 'm1' },
    hears: [
      {
        on: 'device/oven/method/get/result',
        says: answered('m1', {
          code: 0,
          methods: [
            {
              name: 'heat',
              description: 'Heats.',
              parameters: [{ property: 'setpoint', type: 'int' }],
            },
          ],
        }),
      },
    ],
  },
  {
    what: 'a call',
    topic: 'device/oven/method/call',
    says: { event_id: 'm2', method: 'heat', value: '180' },
    hears: [
      {
        on: 'device/oven/method/call/result',
        says: answered('m2', { code: 0, method: 'heat', property: 'setpoint', value: '180' }),
      },
    ],
  },
  {
    what: 'a question for what a property was',
    topic: 'device/oven/history/get',
    says: { event_id: 'h1', property: 'temperature', since: 1 },
    hears: [
      {
        on: 'device/oven/history/get/result',
        says: answered('h1', {
          code: 0,
          readings: [
            { value: '9', timestamp: made - 1_000 },
            { value: '21.5', timestamp: made },
          ],
          more: false,
        }),
      },
    ],
  },
  {
    what: 'a question for the devices of the node',
    topic: 'node/edge-1/membership/get',
    says: { event_id: 'n1', timestamp: 1 },
    hears: [
      {
        on: 'node/edge-1/membership/get/result',
        says: answered('n1', {
          code: 0,
          devices: [
            {
              id: 'default/oven',
              name: 'oven',
              state: 'online',
              last_online: expect.any(String) as string,
              twin: { setpoint: { expected: { value: '180' } } },
            },
          ],
        }),
      },
    ],
  },
];

/** Until everything told was heard, in whatever order; other topics are passed over. */
async function hearAll(listener: Listener, told: readonly Told[]): Promise<Heard[]> {
  const open = new Map(told.map(({ on }) => [`$hw/events/${on}`, undefined as Heard | undefined]));
  while ([...open.values()].includes(undefined)) {
    const heard = await listener.next();
    if (open.has(heard.topic) && !open.get(heard.topic)) open.set(heard.topic, heard);
  }
  return told.flatMap(({ on }) => open.get(`$hw/events/${on}`) ?? []);
}

describe.each(carriers)('the topics of device programs over %s', (_name, open) => {
  let parts: AsyncDisposableStack;
  let edge: DeviceEdge;
  let cloud: JsonReceiver<object>;

  beforeAll(async () => {
    parts = new AsyncDisposableStack();
    const carrier = parts.use(await open());
    const directory = await mkdtemp(join(tmpdir(), 'skerry-topics-'));
    parts.defer(() => rm(directory, { recursive: true, force: true }));
    cloud = parts.use(await receiveJson());
    edge = parts.use(new DeviceEdge(directory, carrier, cloud.url));
    await edge.start();
    await edge.apply(deviceModelKey('default', 'oven'), model);
  });

  afterAll(() => parts.disposeAsync());

  const expectAll = async (listener: Listener, told: readonly Told[]): Promise<void> => {
    const heard = await hearAll(listener, told);
    for (const [i, { payload }] of heard.entries())
      expect(JSON.parse(payload)).toMatchObject(told[i]?.says ?? {});
  };

  it('tell of a device that comes, and of its labels', async () => {
    await using listener = await mosquittoSub(edge.port, '$hw/events/#');
    await edge.apply(oven, ovenOf({ hall: '3' }));
    const attributes = { hall: { value: '3' } };
    await expectAll(listener, [
      {
        on: 'node/edge-1/membership/updated',
        says: { ...time, added_devices: [{ id: 'default/oven' }], removed_devices: [] },
      },
      { on: 'device/default/oven/updated', says: { ...time, attributes } },
      { on: 'device/oven/updated', says: { ...time, attributes } },
    ]);
  });

  it.each(cases)('take $what', async ({ topic, says, hears }) => {
    await using listener = await mosquittoSub(edge.port, '$hw/events/#');
    const payload = typeof says === 'string' ? says : JSON.stringify(says);
    await mosquittoPub(edge.port, `$hw/events/${topic}`, payload);
    await expectAll(listener, hears);
  });

  it('bring messages to the cloud', async () => {
    const topics = ['$hw/events/upload/press', 'SYS/dis/upload_records', 'edge-1/user/shift/7'];
    for (const topic of topics) await mosquittoPub(edge.port, topic, '{"pieces":7}');
    await eventually('three messages', () => cloud.taken.length === 3);
    const from = {
      node: 'edge-1',
      payload: '{"pieces":7}',
      timestamp: expect.any(Number) as number,
    };
    expect(cloud.taken).toEqual(topics.map((topic) => ({ ...from, topic })));
  });

  it('tell of a device that goes', async () => {
    await using listener = await mosquittoSub(edge.port, '$hw/events/#');
    await edge.apply(oven);
    await expectAll(listener, [
      {
        on: 'node/edge-1/membership/updated',
        says: { ...time, added_devices: [], removed_devices: [{ id: 'default/oven' }] },
      },
    ]);
  });
});
