import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { nodeName, uid } from '@skerry/shared/names';
import { openStore, type Store } from '@skerry/shared/store';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceId } from '../device-id.ts';
import { History, defaultHistoryPolicy } from '../history.ts';
import { Selection, type Recorder } from '../recorder.ts';
import { mqttProtocol } from '../protocols/mqtt.ts';
import { Roster } from '../roster.ts';
import { madeDescription, madeTwin, thermo, unseen } from '../testing/devices.ts';
import { MemoryBus } from '../testing/memory-bus.ts';
import { TwinStore } from '../twin-store.ts';
import { goalOf } from '../write-plan.ts';
import { Announcer } from './announcer.ts';
import { serveTopics } from './serve-topics.ts';
import { maxProperties } from './twin-update.ts';

type Body = Record<string, unknown>;

const methods = [
  { name: 'heat', description: 'Heats.', propertyNames: ['setpoint'] },
  { name: 'both', propertyNames: ['setpoint', 'temperature'] },
];
const description = madeDescription({
  spec: { methods },
  visitor: { topic: 'reading', setTopic: 'set' },
});

let directory: string;
let store: Store;
let bus: MemoryBus;
let twins: TwinStore;
let announcer: Announcer;
let history: History;
let roster: Roster;
let stop: AbortController;
let serving: Promise<void>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-topics-'));
  store = await openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
  bus = new MemoryBus();
  const parts = { bus, node: nodeName('edge-1'), clock: new ManualClock(1_000), log: silentLog };
  announcer = new Announcer(parts);
  twins = await TwinStore.open({ store, committed: (change) => announcer.changed(change) });
  await twins.update(thermo, () => madeTwin({ desired: { setpoint: '25' } }));
  bus.published.length = 0;
  history = new History({ store, policy: defaultHistoryPolicy, clock: parts.clock });
  const selection = new Selection();
  const record: Recorder = (device, ...said) =>
    history.append(device, selection.select(device, ...said));
  stop = new AbortController();
  const refused = noMetrics.counter('refused_total', '');
  const protocols = [mqttProtocol({ bus, log: silentLog, refused })];
  const sinkOf = () => () => Promise.resolve();
  roster = new Roster({ ...parts, protocols, sinkOf, random: () => 0.5 });
  await roster.serve(description, unseen);
  await roster.begun();
  const served = (device: DeviceId) => roster.get(device);
  serving = serveTopics({ ...parts, twins, history, record, served }, stop.signal);
});

afterEach(async () => {
  await roster.remove(thermo);
  stop.abort();
  await serving;
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** Publishes a request and answers what came back on its result topic. */
async function ask(topic: string, request: string | Uint8Array | Body): Promise<Body> {
  const raw = typeof request === 'string' || request instanceof Uint8Array;
  bus.published.length = 0;
  await bus.publish(topic, raw ? request : JSON.stringify(request));
  await bus.settled();
  const answers = bus.published.filter((one) => one.topic === `${topic}/result`);
  expect(answers).toHaveLength(1);
  return JSON.parse(answers[0]?.payload ?? '') as Body;
}

function update(twin: unknown, more: Body = {}): Promise<Body> {
  return ask('$hw/events/device/default/thermo/twin/update', { event_id: 'e', twin, ...more });
}

function told(suffix: string): Body[] {
  return bus.published
    .filter(({ topic }) => topic.endsWith(suffix))
    .map(({ payload }) => JSON.parse(payload) as Body);
}

describe('twin/update', () => {
  it('takes a report and answers with what is held now', async () => {
    const actual = { value: '21.5', metadata: { timestamp: 900 } };
    expect(await update({ temperature: { actual, metadata: { type: 'Updated' } } })).toEqual({
      event_id: 'e',
      timestamp: 1_000,
      code: 0,
      twin: { temperature: { actual, metadata: { type: 'float' } } },
    });
    expect(twins.get(thermo)?.state).toBe('online');
  });

  it('takes the time of the request where a value has none of its own', async () => {
    await update({ temperature: { actual: { value: '1' } } }, { timestamp: 800 });
    expect(twins.get(thermo)?.properties.get('temperature')?.reported?.sourceTime).toBe(800);
  });

  it('publishes the document of what changed, in both forms of the name', async () => {
    await update({
      temperature: { actual: { value: '1' } },
      humidity: { actual: { value: '60' } },
    });
    expect(told('default/thermo/twin/update/document')).toEqual(
      told('device/thermo/twin/update/document'),
    );
    expect(told('/twin/update/document')[0]).toMatchObject({
      twin: {
        temperature: { last: { metadata: { type: 'float' } }, current: { actual: { value: '1' } } },
        humidity: { last: null, current: { actual: { value: '60' } } },
      },
    });
    await update({ temperature: { actual: { value: '1' } } });
    expect(told('document')).toEqual([]);
  });

  it('grants a late report and changes nothing', async () => {
    const at = (value: string, timestamp: number): Promise<Body> =>
      update({ temperature: { actual: { value, metadata: { timestamp } } } });
    await at('2', 200);
    expect(await at('1', 100)).toMatchObject({
      code: 0,
      twin: { temperature: { actual: { value: '2' } } },
    });
  });

  it('forgets a property that is deleted or null', async () => {
    await update({ a: { actual: { value: '1' } }, b: { actual: { value: '2' } } });
    await update({ a: null, b: { metadata: { type: 'deleted' } } });
    expect(twins.get(thermo)?.properties.get('a')?.reported).toBeUndefined();
    expect(twins.get(thermo)?.properties.get('b')?.reported).toBeUndefined();
  });

  it('takes an echo of what was desired for what it is', async () => {
    const echo = { setpoint: { expected: { value: '25' }, actual: { value: '25' } } };
    expect(await update(echo)).toMatchObject({ code: 0 });
    expect(twins.get(thermo)?.properties.get('setpoint')?.pending).toBeUndefined();
  });

  it('takes another value as a wish, which holds until the hub has decided', async () => {
    expect(await update({ setpoint: { expected: { value: '30' } } })).toMatchObject({
      code: 0,
      twin: { setpoint: { expected: { value: '30' } } },
    });
    expect(twins.get(thermo)).toMatchObject({ state: 'unknown' }); // no word of the device itself
    expect(twins.get(thermo)?.properties.get('setpoint')).toMatchObject({
      desired: { value: '30' },
      pending: { over: '25', version: 1 },
    });
  });

  it.each([
    [400, 'twin.temperature is read-only', { temperature: { expected: { value: '30' } } }],
    [400, 'twin.colour is no property of the Device', { colour: { expected: { value: 'red' } } }],
    [
      400,
      'twin.setpoint.expected.value is above the maximum 40',
      { setpoint: { expected: { value: '41' } } },
    ],
    [
      409,
      'twin.setpoint.expected is older than what is desired now',
      { setpoint: { expected: { value: '30', metadata: { timestamp: 800 } } } },
    ],
  ])('answers %d to a wish: %s', async (code, reason, twin) => {
    await update({ setpoint: { expected: { value: '26', metadata: { timestamp: 900 } } } });
    const before = twins.get(thermo);
    expect(await update(twin)).toMatchObject({ code, reason });
    expect(twins.get(thermo)).toBe(before);
  });

  it.each([
    ['no twin', undefined],
    ['a twin that is a list', []],
    ['a name that is none', { 'a b': { actual: { value: '1' } } }],
    ['a name that is too long', { ['x'.repeat(129)]: { actual: { value: '1' } } }],
    ['an entry that is none', { temperature: '21' }],
    ['a value that is an object', { temperature: { actual: { value: { a: 1 } } } }],
    ['no value', { temperature: { actual: {} } }],
    ['a value of the wrong type', { temperature: { actual: { value: 'warm' } } }],
    ['a value that is too long', { note: { actual: { value: 'x'.repeat(4_097) } } }],
    [
      'too many properties',
      Object.fromEntries(
        Array.from({ length: maxProperties }, (_, at) => [`p${at}`, { actual: { value: '1' } }]),
      ),
    ],
  ])('answers 400 and a reason to %s, and takes nothing', async (_what, twin) => {
    const before = twins.get(thermo);
    const answer = await update(twin);
    expect(answer).toMatchObject({ event_id: 'e', code: 400 });
    expect(answer['reason']).toBeTypeOf('string');
    expect(twins.get(thermo)).toBe(before);
  });

  it('answers 404 for a device that is not on this node', async () => {
    const answer = await ask('$hw/events/device/ghost/twin/update', { event_id: 'e', twin: {} });
    expect(answer).toMatchObject({ code: 404, reason: 'no device default/ghost on this node' });
  });

  it('answers 500 when the disk refuses', async () => {
    await store[Symbol.asyncDispose]();
    expect(await update({ temperature: { actual: { value: '1' } } })).toMatchObject({ code: 500 });
    store = await openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
  });

  it('answers every payload, whatever is in it', async () => {
    const anything = fc.oneof(
      fc.uint8Array().filter(({ length }) => length > 0),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc
        .record({ twin: fc.dictionary(fc.string(), fc.jsonValue()), event_id: fc.jsonValue() })
        .map((body) => new TextEncoder().encode(JSON.stringify(body))),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (payload) => {
        const { code } = await ask('$hw/events/device/thermo/twin/update', payload);
        expect([0, 400, 409]).toContain(code);
      }),
    );
  });
});

describe('the other topics', () => {
  it('twin/get answers with everything held', async () => {
    await update({ temperature: { actual: { value: '21' } } });
    expect(await ask('$hw/events/device/thermo/twin/get', { event_id: 'g' })).toMatchObject({
      event_id: 'g',
      code: 0,
      twin: {
        temperature: { actual: { value: '21' } },
        setpoint: { expected: { value: '25' }, metadata: { type: 'float' } },
      },
    });
    expect(await ask('$hw/events/device/a/b/twin/get', {})).toMatchObject({ code: 404 });
  });

  it('state/update turns the state', async () => {
    const topic = '$hw/events/device/default/thermo/state/update';
    expect(await ask(topic, { state: 'Online' })).toMatchObject({ code: 0, state: 'online' });
    expect(twins.get(thermo)?.state).toBe('online');
    expect(await ask(topic, { state: 'on line' })).toMatchObject({ code: 400 });
    expect(await ask(topic, {})).toMatchObject({ code: 400 });
    expect(await ask('$hw/events/device/x/state/update', { state: 'online' })).toMatchObject({
      code: 404,
    });
  });

  it('history/get answers with what a property was, late readings in their place', async () => {
    for (const [value, timestamp] of [
      ['1', 100],
      ['3', 300],
      ['2', 200],
    ] as const)
      await update({ temperature: { actual: { value, metadata: { timestamp } } } });
    const topic = '$hw/events/device/thermo/history/get';
    const asked = { event_id: 'h', property: 'temperature' };
    expect(await ask(topic, { ...asked, since: 200 })).toMatchObject({
      event_id: 'h',
      code: 0,
      property: 'temperature',
      readings: [
        { value: '2', timestamp: 200 },
        { value: '3', timestamp: 300 },
      ],
      more: false,
    });
    expect(await ask(topic, { ...asked, limit: 1 })).toMatchObject({
      readings: [{ value: '3' }],
      more: true,
    });
    expect(await ask(topic, {})).toMatchObject({ code: 400 });
    expect(await ask('$hw/events/device/ghost/history/get', asked)).toMatchObject({ code: 404 });
  });

  it('method/get tells what can be called', async () => {
    expect(await ask('$hw/events/device/thermo/method/get', { event_id: 'm' })).toMatchObject({
      event_id: 'm',
      code: 0,
      methods: [
        {
          name: 'heat',
          description: 'Heats.',
          parameters: [{ property: 'setpoint', type: 'float' }],
        },
        { name: 'both', parameters: [{ property: 'setpoint' }, { property: 'temperature' }] },
      ],
    });
  });

  it('method/call writes each time, and lays the value where one is desired', async () => {
    const call = (body: Body): Promise<Body> => ask('$hw/events/device/thermo/method/call', body);
    const written = (): string[] =>
      bus.published.filter(({ topic }) => topic === 'set').map(({ payload }) => payload);
    expect(await call({ event_id: 'c', method: 'heat', value: 25 })).toMatchObject({
      event_id: 'c',
      code: 0,
      ...{ method: 'heat', property: 'setpoint', value: '25' },
    });
    expect(written()).toEqual(['25']); // it is desired already
    expect(await call({ method: 'heat', value: '30' })).toMatchObject({ code: 0 });
    expect(twins.get(thermo)?.properties.get('setpoint')?.desired?.value).toBe('30');
    expect(written()).toEqual([]); // what is desired is delivered until it is confirmed
    await twins.update(thermo, () => madeTwin());
    expect(await call({ method: 'heat', value: '31' })).toMatchObject({ code: 0 });
    expect(await call({ method: 'heat', value: '31' })).toMatchObject({ code: 0 });
    expect(written()).toEqual(['31']);
    expect(twins.get(thermo)?.properties.get('setpoint')?.desired).toBeUndefined();
  });

  it.each([
    ['a method that is none', { method: 'cool', value: '1' }, /no method "cool"; there is heat/],
    ['a property of another', { method: 'heat', property: 'x', value: '1' }, /none of its own/],
    ['no property where there are two', { method: 'both', value: '1' }, /setpoint, temperature/],
    [
      'a property that is only read',
      { method: 'both', property: 'temperature', value: '1' },
      /is read-only/,
    ],
    ['a value beyond the maximum', { method: 'heat', value: '41' }, /above the maximum 40/],
    ['no value', { method: 'heat' }, /value is not a text/],
  ])('method/call refuses %s', async (_what, body, reason) => {
    const answer = await ask('$hw/events/device/thermo/method/call', body);
    expect(answer).toMatchObject({ code: 400, reason: expect.stringMatching(reason) as string });
  });

  it('method/call says that there is no such device, or that nobody writes to it', async () => {
    const call = { method: 'heat', value: '30' };
    const ghost = await ask('$hw/events/device/ghost/method/call', call);
    expect(ghost).toMatchObject({ code: 404 });
    await twins.update(thermo, () => madeTwin());
    await roster.serve(
      { ...description, protocol: { name: 'modbus', config: {} } },
      { state: undefined, conditions: [] },
    );
    const answer = await ask('$hw/events/device/thermo/method/call', call);
    expect(answer).toMatchObject({ code: 400 });
    expect(answer['reason']).toContain('no mapper speaks modbus');
  });

  it('updated tells which labels of a Device are new, other or gone', () => {
    announcer.attributes(thermo, { hall: '3', row: '1' }, { hall: '4', line: 'a', row: '1' });
    announcer.attributes(thermo, { hall: '4' }, {});
    announcer.attributes(thermo, { hall: '4' }, { hall: '4' });
    expect(told('default/thermo/updated')).toMatchObject([
      { attributes: { hall: { value: '4' }, line: { value: 'a' } } },
      { attributes: { hall: null } },
    ]);
    expect(told('device/thermo/updated')).toHaveLength(2); // under the bare name, too
  });

  it('membership/get answers with the devices of the node', async () => {
    const answer = await ask('$hw/events/node/edge-1/membership/get', { event_id: 'm' });
    expect(answer).toMatchObject({
      event_id: 'm',
      devices: [{ id: 'default/thermo', name: 'thermo', namespace: 'default', state: 'unknown' }],
    });
  });

  it('membership/updated tells of devices that come and go', async () => {
    await twins.update(thermo, () => undefined);
    await twins.update(thermo, () => madeTwin());
    expect(told('$hw/events/node/edge-1/membership/updated')).toMatchObject([
      { added_devices: [], removed_devices: [{ id: 'default/thermo' }] },
      { added_devices: [{ id: 'default/thermo' }], removed_devices: [] },
    ]);
  });

  it('twin/update/delta tells what is asked for beside what is', () => {
    const setpoint = twins.get(thermo)?.properties.get('setpoint') ?? { type: 'FLOAT' };
    announcer.delta(twins, thermo, [
      goalOf('setpoint', '25', setpoint, { uid: uid('d-1'), state: 'online' }),
    ]);
    expect(told('default/thermo/twin/update/delta')).toMatchObject([
      {
        timestamp: 1_000,
        delta: { setpoint: '25' },
        twin: { setpoint: { expected: { value: '25' }, metadata: { type: 'float' } } },
      },
    ]);
  });

  it('nobody is told anything while there is no broker, and nothing breaks', async () => {
    bus.connected = false;
    await twins.update(thermo, () => undefined);
    expect(bus.published).toEqual([]);
  });
});
