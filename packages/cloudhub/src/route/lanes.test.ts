import type { ObjectKey, Uid, Version } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import { laneOf } from './lanes.ts';
import type { Observed } from './observed.ts';

const seen = (key: string, generation?: number, uid = 'u'): Observed => ({
  key: key as ObjectKey,
  uid: uid as Uid,
  version: 1n as Version,
  object: Buffer.from('{}'),
  routing: { refers: [], generation },
});

describe('the lane of a change', () => {
  it('is urgent for deletions of anything', () => {
    const config = seen('configmaps/default/c');
    expect(laneOf({ ...config, object: undefined }, config)).toBe('urgent');
  });

  it('is urgent for a pod or a device of which something new is desired', () => {
    for (const key of ['pods/default/p', 'devices.devices.kubeedge.io/default/d']) {
      expect(laneOf(seen(key, 1), undefined)).toBe('urgent');
      expect(laneOf(seen(key, 2), seen(key, 1))).toBe('urgent');
      expect(laneOf(seen(key, 1, 'remade'), seen(key, 1))).toBe('urgent');
    }
  });

  it('is bulk for a status that comes back to where it was reported', () => {
    expect(laneOf(seen('pods/default/p', 3), seen('pods/default/p', 3))).toBe('bulk');
  });

  it('is urgent where the API server does not count what is desired', () => {
    expect(laneOf(seen('pods/default/p'), seen('pods/default/p'))).toBe('urgent');
  });

  it('is bulk for ConfigMaps, Secrets and models', () => {
    for (const kind of ['configmaps', 'secrets', 'devicemodels.devices.kubeedge.io'])
      expect(laneOf(seen(`${kind}/default/x`), seen(`${kind}/default/x`))).toBe('bulk');
  });
});
