import { describe, expect, it } from 'vitest';
import { defaultCycleMs, describeDevice } from './description.ts';
import { readModel } from './device-object.ts';
import { bytes, madeDescription, madeDevice, modelObject, thermo } from './testing/devices.ts';

describe('the description of a device', () => {
  it('takes types and access from the model', () => {
    const { properties, problems } = madeDescription();
    expect(problems).toEqual([]);
    expect(properties.map(({ name, type, writable }) => [name, type, writable])).toEqual([
      ['temperature', 'FLOAT', false],
      ['setpoint', 'FLOAT', true],
    ]);
  });

  it('lays the device’s settings over the model’s, field by field', () => {
    const model = readModel(
      bytes({
        spec: {
          protocol: 'mqtt',
          protocolConfigData: { a: 1, b: 1 },
          properties: [{ name: 't', visitors: { configData: { topic: 'model', qos: 0 } } }],
        },
      }),
    );
    const device = madeDevice({
      spec: {
        protocol: { configData: { b: 2 } },
        properties: [{ name: 't', visitors: { configData: { topic: 'device' } } }],
      },
    });
    const { protocol, properties } = describeDevice(thermo, device, model);
    expect(protocol).toEqual({ name: 'mqtt', config: { a: 1, b: 2 } });
    expect(properties[0]?.visitor).toEqual({ topic: 'device', qos: 0 });
  });

  it('names what nothing acts on, so that it is not silently ignored', () => {
    const pushMethod = { http: { hostName: 'h' }, otel: {}, anomalyDetection: {} };
    const properties = [{ name: 'temperature', pushMethod }];
    const methods = [
      { name: 'heat', propertyNames: ['setpoint', 'temperature'] },
      { name: 'rest' },
    ];
    const made = madeDescription({ spec: { properties, methods } });
    expect(made.properties[0]?.targets).toHaveLength(1);
    expect(made.unserved).toEqual({
      pushMethods: ['property temperature: otel', 'property temperature: anomalyDetection'],
      methods: [
        'method heat: the Device has no property setpoint',
        'method heat: property temperature is read-only',
        'method rest names no property',
      ],
    });
  });

  it('takes deadband and heartbeat from the visitors, and hands the rest to the protocol', () => {
    const configData = { topic: 't', deadband: '0.5', heartbeat: 60_000 };
    const property = { name: 'temperature', reportCycle: 1_000, visitors: { configData } };
    const made = madeDescription({ spec: { properties: [property] } });
    expect(made.properties[0]).toMatchObject({
      visitor: { topic: 't' },
      telling: { deadband: 0.5, heartbeatMs: 60_000, reportCycleMs: 1_000 },
    });
    const odd = { ...property, visitors: { configData: { ...configData, deadband: 'much' } } };
    expect(madeDescription({ spec: { properties: [odd] } }).problems).toEqual([
      {
        reason: 'Misconfigured',
        message: 'property temperature: deadband is not a number of at least 0',
      },
    ]);
  });

  it('names the model that is missing', () => {
    const { problems } = describeDevice(thermo, madeDevice(), undefined);
    expect(problems).toEqual([
      {
        reason: 'ModelMissing',
        message: 'DeviceModel thermometer does not exist in the namespace of the Device',
      },
    ]);
    const nameless = madeDevice({ spec: { deviceModelRef: {} } });
    expect(describeDevice(thermo, nameless, undefined).problems[0]?.message).toBe(
      'spec.deviceModelRef.name is empty',
    );
  });

  it('names every property that does not fit, at once', () => {
    const properties = [
      { name: 'temperature' },
      { name: 'temperature' },
      { name: 'humidity' },
      { name: 'setpoint', visitors: { protocolName: 'modbus' } },
    ];
    const { problems } = madeDescription({ spec: { properties } });
    expect(problems.map(({ message }) => message)).toEqual([
      'property temperature is there twice',
      'property humidity is not in the model',
      'property setpoint is visited by modbus, but the Device speaks mqtt',
    ]);
  });

  it('expects word as often as the quickest cycle declared, or every five minutes', () => {
    expect(madeDescription().cycleMs).toBe(defaultCycleMs);
    const properties = [{ name: 'temperature', collectCycle: 2_000, reportCycle: 0 }];
    const spec = { stateReport: { reportCycle: 10_000 }, properties };
    expect(madeDescription({ spec }).cycleMs).toBe(2_000);
  });

  it('is the same for the same model and device', () => {
    const model = readModel(bytes(modelObject));
    expect(describeDevice(thermo, madeDevice(), model)).toEqual(madeDescription());
  });
});
