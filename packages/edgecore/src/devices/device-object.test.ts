import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedDevice, readDevice, readModel } from './device-object.ts';
import { bytes, deviceObject, madeDevice } from './testing/devices.ts';

describe('a Device', () => {
  it('is read with what is served of it', () => {
    const device = madeDevice({ generation: 3, desired: { setpoint: '25' } });
    expect(device).toMatchObject({
      uid: 'd-1',
      generation: 3,
      modelName: 'thermometer',
      protocolName: 'mqtt',
      protocolConfig: {},
    });
    expect(device.properties.map(({ name, desired }) => [name, desired?.value])).toEqual([
      ['temperature', undefined],
      ['setpoint', '25'],
    ]);
  });

  it('has no wish where the desired value is empty', () => {
    expect(madeDevice({ desired: { setpoint: '' } }).properties[1]?.desired).toBeUndefined();
  });

  it('keeps the time of a wish when its metadata gives one', () => {
    const wish = (timestamp: string): unknown => {
      const desired = { value: '1', metadata: { timestamp } };
      return madeDevice({ spec: { properties: [{ name: 'a', desired }] } }).properties[0]?.desired;
    };
    expect(wish('1700000000000')).toEqual({ value: '1', sourceTime: 1_700_000_000_000 });
    expect(wish('yesterday')).toEqual({ value: '1' });
  });

  it('reports to the cloud unless it says not to', () => {
    const properties = [{ name: 'a' }, { name: 'b', reportToCloud: false }, { name: '' }];
    const read = madeDevice({ spec: { properties } }).properties;
    expect(read.map(({ name, reportToCloud }) => [name, reportToCloud])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  it('without a uid, or that is no JSON object, is malformed', () => {
    for (const object of ['', '[]', '{}', '{"metadata":{"uid":""}}'])
      expect(() => readDevice(new TextEncoder().encode(object))).toThrow(MalformedDevice);
  });

  it('of any other shape is read without harm', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (spec, status) => {
        const object = { metadata: { uid: 'u' }, spec, status };
        expect(readDevice(bytes(object)).uid).toBe('u');
        expect(readModel(bytes({ spec })).properties).toBeInstanceOf(Map);
      }),
    );
  });

  it('stays JSON that anybody may write', () => {
    expect(readDevice(bytes(deviceObject())).shown.conditions).toEqual([]);
  });
});
