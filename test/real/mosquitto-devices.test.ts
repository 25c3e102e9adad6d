import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceKey, deviceModelKey, deviceId } from '@skerry/edgecore/devices/device-id';
import { DeviceEdge, carriers, type DeviceStatus } from '../support/device-edge.ts';
import { mosquittoPub, mosquittoSub } from '../support/mosquitto.ts';

const thermo = deviceId('default', 'thermo');
const hw = '$hw/events/device';

const model = {
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'DeviceModel',
  metadata: { name: 'thermometer', namespace: 'default' },
  spec: {
    protocol: 'mqtt',
    properties: [
      { name: 'temperature', type: 'FLOAT', accessMode: 'ReadOnly', unit: '°C' },
      { name: 'setpoint', type: 'FLOAT', accessMode: 'ReadWrite', unit: '°C' },
    ],
  },
};

function device(protocolName: string, desired?: string): object {
  const reading = { topic: 'plant/thermo/reading', timestampPath: '$.ts' };
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name: 'thermo', namespace: 'default', uid: 'd-1', generation: desired ? 2 : 1 },
    spec: {
      deviceModelRef: { name: 'thermometer' },
      nodeName: 'edge-1',
      protocol: { protocolName },
      properties: [
        {
          name: 'temperature',
          visitors: { protocolName, configData: { ...reading, jsonPath: '$.temperature' } },
        },
        {
          name: 'setpoint',
          ...(desired && { desired: { value: desired } }),
          visitors: {
            protocolName,
            configData: {
              ...reading,
              jsonPath: '$.setpoint',
              setTopic: 'plant/thermo/set',
              setPath: '$.setpoint',
            },
          },
        },
      ],
    },
  };
}

function valueOf(status: DeviceStatus, property: string): string | undefined {
  return status.twins.find(({ propertyName }) => propertyName === property)?.reported?.value;
}

describe.each(carriers)('devices over %s', (_name, open) => {
  let parts: AsyncDisposableStack;
  let edge: DeviceEdge;

  beforeEach(async () => {
    parts = new AsyncDisposableStack();
    const carrier = parts.use(await open());
    const directory = await mkdtemp(join(tmpdir(), 'skerry-devices-'));
    parts.defer(() => rm(directory, { recursive: true, force: true }));
    edge = parts.use(new DeviceEdge(directory, carrier));
    await edge.start();
    await edge.apply(deviceModelKey('default', 'thermometer'), model);
  });

  afterEach(() => parts.disposeAsync());

  const served = async (protocol = 'mqtt'): Promise<void> => {
    await edge.apply(deviceKey(thermo), device(protocol));
    await edge.reported(({ conditions }) => conditions.length > 0);
    // the broker may grant our subscription a moment later than that: wait until it answers us
    await ask('twin/get', { event_id: 'ready' });
  };

  const ask = async (verb: string, body: object | string, dev = 'default/thermo') => {
    await using answers = await mosquittoSub(edge.port, `${hw}/${dev}/${verb}/result`);
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    await mosquittoPub(edge.port, `${hw}/${dev}/${verb}`, payload);
    const { payload: answer } = await answers.next();
    return JSON.parse(answer) as Record<string, unknown>;
  };

  it('turns a published reading into a reported value with the device’s own time', async () => {
    await served();
    await mosquittoPub(
      edge.port,
      'plant/thermo/reading',
      '{"temperature":21.4,"setpoint":20,"ts":1700000000123}',
    );
    const status = await edge.reported((one) => valueOf(one, 'temperature') === '21.4');
    expect(status.state).toBe('online');
    expect(status.twins).toEqual([
      {
        propertyName: 'temperature',
        reported: { value: '21.4', metadata: { timestamp: '1700000000123', type: 'float' } },
      },
      {
        propertyName: 'setpoint',
        reported: { value: '20', metadata: { timestamp: '1700000000123', type: 'float' } },
      },
    ]);
  });

  it('keeps the newest of readings that arrive late', async () => {
    await served();
    const publish = (temperature: number, ts: number): Promise<void> =>
      mosquittoPub(edge.port, 'plant/thermo/reading', JSON.stringify({ temperature, ts }));
    await publish(10, 1_700_000_001_000);
    await publish(99, 1_700_000_000_000);
    await publish(11, 1_700_000_002_000);
    await edge.reported((one) => valueOf(one, 'temperature') === '11');
    expect(edge.reports.map((one) => valueOf(one, 'temperature'))).not.toContain('99');
  });

  it('asks the device for a desired value until a reading confirms it', async () => {
    await served();
    await using heard = await mosquittoSub(edge.port, 'plant/thermo/set');
    await edge.apply(deviceKey(thermo), device('mqtt', '25'));
    expect(await heard.next()).toEqual({ topic: 'plant/thermo/set', payload: '{"setpoint":25}' });
    expect((await heard.next()).payload).toBe('{"setpoint":25}'); // not confirmed: asked again
    await mosquittoPub(edge.port, 'plant/thermo/reading', '{"temperature":21,"setpoint":25.0}');
    const status = await edge.reported((one) => valueOf(one, 'setpoint') === '25');
    expect(status.twins[1]?.observedDesired?.value).toBe('25');
  });

  it('publishes the delta of a device that a program speaks for', async () => {
    await served('modbus');
    await using heard = await mosquittoSub(edge.port, `${hw}/thermo/twin/update/delta`);
    await edge.apply(deviceKey(thermo), device('modbus', '25'));
    const delta = JSON.parse((await heard.next()).payload) as Record<string, unknown>;
    expect(delta).toMatchObject({
      delta: { setpoint: '25' },
      twin: { setpoint: { expected: { value: '25' }, metadata: { type: 'float' } } },
    });
  });

  it('takes a program’s report, answers it and publishes the document', async () => {
    await served('modbus');
    await using documents = await mosquittoSub(
      edge.port,
      `${hw}/default/thermo/twin/update/document`,
    );
    const answer = await ask('twin/update', {
      event_id: 'e-1',
      timestamp: 1_700_000_000_000,
      twin: { temperature: { actual: { value: '21.5' }, metadata: { type: 'Updated' } } },
    });
    expect(answer).toMatchObject({
      event_id: 'e-1',
      code: 0,
      twin: {
        temperature: { actual: { value: '21.5', metadata: { timestamp: 1_700_000_000_000 } } },
      },
    });
    expect(JSON.parse((await documents.next()).payload)).toMatchObject({
      twin: { temperature: { last: {}, current: { actual: { value: '21.5' } } } },
    });
    expect(await ask('twin/get', { event_id: 'e-2' })).toMatchObject({
      event_id: 'e-2',
      code: 0,
      twin: { temperature: { actual: { value: '21.5' } } },
    });
    await edge.reported((one) => valueOf(one, 'temperature') === '21.5');
  });

  it('answers by the bare name in the namespace default', async () => {
    await served();
    expect(await ask('twin/get', { event_id: 'e-1' }, 'thermo')).toMatchObject({ code: 0 });
  });

  it('answers nonsense with a code and a reason, and goes on', async () => {
    await served('modbus');
    expect(await ask('twin/update', 'not json')).toMatchObject({ code: 400 });
    expect(await ask('twin/update', { twin: { 'a b': null } })).toMatchObject({ code: 400 });
    const wrong = { twin: { temperature: { actual: { value: 'warm' } } } };
    expect(await ask('twin/update', wrong)).toMatchObject({
      code: 400,
      reason: 'twin.temperature.actual.value is not a number',
    });
    const unknown = { event_id: 'e-9', twin: {} };
    expect(await ask('twin/update', unknown, 'default/ghost')).toMatchObject({
      event_id: 'e-9',
      code: 404,
    });
    expect(await ask('twin/get', {})).toMatchObject({ code: 0 });
  });

  it('turns a state into the Device’s, and tells the node’s devices', async () => {
    await served('modbus');
    expect(await ask('state/update', { event_id: 'e-1', state: 'online' })).toMatchObject({
      code: 0,
      state: 'online',
    });
    const status = await edge.reported(({ state }) => state === 'online');
    expect(status.lastOnlineTime).toMatch(/^\d{4}-.*Z$/);
    await using answers = await mosquittoSub(
      edge.port,
      '$hw/events/node/edge-1/membership/get/result',
    );
    await mosquittoPub(edge.port, '$hw/events/node/edge-1/membership/get', '{"event_id":"m-1"}');
    expect(JSON.parse((await answers.next()).payload)).toMatchObject({
      event_id: 'm-1',
      devices: [{ id: 'default/thermo', name: 'thermo', state: 'online' }],
    });
  });

  it('remembers its twins over a restart, and forgets a Device deleted meanwhile', async () => {
    await served();
    await mosquittoPub(edge.port, 'plant/thermo/reading', '{"temperature":21.4}');
    await edge.reported((one) => valueOf(one, 'temperature') === '21.4');
    await edge.stop();
    edge.reports.length = 0;
    await edge.start();
    await edge.reported((one) => valueOf(one, 'temperature') === '21.4');
    await edge.apply(deviceKey(thermo));
    await edge.stop(); // perhaps before the deletion was acted upon
    await edge.start();
    for (;;) {
      const { code } = await ask('twin/get', {});
      if (code === 404) break;
    }
  });

  it('says what is wrong with a Device it cannot serve', async () => {
    await edge.apply(deviceModelKey('default', 'thermometer'));
    await edge.apply(deviceKey(thermo), device('mqtt'));
    const status = await edge.reported(({ conditions }) => conditions.length > 0);
    expect(status.state).toBe('error');
    expect(status.conditions[0]).toMatchObject({
      reason: 'ModelMissing',
      message: 'DeviceModel thermometer does not exist in the namespace of the Device',
    });
    await edge.apply(deviceModelKey('default', 'thermometer'), model); // and mends itself
    await edge.reported(({ conditions }) => conditions[0]?.reason === 'MapperRuns');
  });
});
