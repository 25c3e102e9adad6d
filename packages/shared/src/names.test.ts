import { describe, expect, it } from 'vitest';
import { MalformedName, keyParts, nodeName, objectKey, resourceName, version } from './names.ts';

describe('names', () => {
  it('takes keys apart as they were joined, also for cluster-scoped objects', () => {
    const device = objectKey(resourceName('devices', 'devices.kubeedge.io'), 'plant', 'oven');
    expect(device).toBe('devices.devices.kubeedge.io/plant/oven');
    expect(keyParts(device)).toEqual({
      resource: 'devices.devices.kubeedge.io',
      namespace: 'plant',
      name: 'oven',
    });
    expect(keyParts(objectKey(resourceName('nodes'), '', 'edge-1'))).toMatchObject({
      namespace: '',
      name: 'edge-1',
    });
  });

  it.each(['', 'pods', 'pods/a', 'pods/a/', '/a/b', 'pods/a/b/c'])(
    'refuses %j as a key',
    (text) => {
      expect(() => keyParts(text)).toThrow(MalformedName);
    },
  );

  it.each(['', '-1', '1.5', 'abc', '0x10', '123456789012345678901'])(
    'refuses %j as a version',
    (text) => {
      expect(() => version(text)).toThrow(MalformedName);
    },
  );

  it.each(['', 'Edge', 'a_b', '-a', 'a-', 'a/b', 'a'.repeat(254)])(
    'refuses %j as a node name',
    (text) => {
      expect(() => nodeName(text)).toThrow(MalformedName);
    },
  );
});
