import { describe, expect, it } from 'vitest';
import { describe as describeTwin, hear, turn } from './device-twin.ts';
import { described } from './description.ts';
import { madeDescription, madeDevice, madeTwin } from './testing/devices.ts';

const now = Date.UTC(2026, 0, 1);

function arrival(value: string, live = true): Parameters<typeof hear>[1] {
  return { readings: [{ property: 'temperature', value }], receivedAt: now, live };
}

describe('device twin', () => {
  it('begins unknown, with the properties and wishes of its Device', () => {
    const twin = madeTwin({ desired: { setpoint: '25' } });
    expect(twin.state).toBe('unknown');
    expect(twin.properties.get('setpoint')?.desired?.value).toBe('25');
    expect(twin.properties.get('temperature')?.type).toBe('FLOAT');
  });

  it('is left as it is by a Device that says nothing new', () => {
    const made = { desired: { setpoint: '25' } };
    const twin = madeTwin(made);
    const again = described(madeDescription(made), madeDevice(made));
    expect(describeTwin(twin, again, now)).toBe(twin);
  });

  it('begins anew for a Device that was recreated', () => {
    const twin = hear(madeTwin(), arrival('21')).twin;
    const next = { uid: 'd-2' };
    const recreated = described(madeDescription(next), madeDevice(next));
    const { uid, state, properties } = describeTwin(twin, recreated, now);
    expect([uid, state, properties.get('temperature')?.reported]).toEqual([
      'd-2',
      'unknown',
      undefined,
    ]);
  });

  it('comes online with a live reading, and not with a retained one', () => {
    const kept = hear(madeTwin(), arrival('21', false)).twin;
    expect([kept.state, kept.lastOnline]).toEqual(['unknown', undefined]);
    expect(kept.properties.get('temperature')?.reported?.value).toBe('21');
    const live = hear(kept, arrival('21')).twin;
    expect([live.state, live.lastOnline]).toEqual(['online', now]);
  });

  it('has news when a value or the state changes, and only then', () => {
    const first = hear(madeTwin(), arrival('21')).twin;
    expect(hear(first, arrival('21.0')).twin.revision).toBe(first.revision);
    expect(hear(first, arrival('22')).twin.revision).toBe(first.revision + 1);
    expect(turn(first, 'online', now).revision).toBe(first.revision);
    expect(turn(first, 'offline', now).revision).toBe(first.revision + 1);
  });

  it('stamps the time for online alone: a will says offline for a device that is gone', () => {
    expect(turn(madeTwin(), 'offline', now).lastOnline).toBeUndefined();
    expect(turn(madeTwin(), 'online', now).lastOnline).toBe(now);
  });
});
