import { systemClock, systemRandom } from '@skerry/shared/clock';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { deviceId } from '../device-id.ts';
import { DeviceMisconfigured, type MappedProperty } from '../mapper.ts';
import { describeProtocol } from '../testing/protocol-contract.ts';
import { virtualProtocol } from './virtual.ts';

describeProtocol('nothing: virtual ones', () =>
  Promise.resolve({
    protocol: virtualProtocol({ clock: systemClock, random: systemRandom }),
    visitors: { level: { generator: 'constant', value: 7 }, setpoint: { generator: 'constant' } },
    speak: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);

const property = (visitor: MappedProperty['visitor'], collectCycleMs?: number): MappedProperty => ({
  name: 'level',
  type: 'FLOAT',
  writable: false,
  visitor,
  collectCycleMs,
});

describe('virtual devices', () => {
  it('are read once a collect cycle, each property by its own', async () => {
    const clock = new ManualClock();
    const protocol = virtualProtocol({ clock, random: () => 0.5 });
    const slow = { ...property({ generator: 'sine' }), name: 'slow', collectCycleMs: 3_000 };
    const properties = [property({ generator: 'sawtooth' }), slow];
    const mapper = protocol.mapper({ id: deviceId('default', 'v'), config: {}, properties });
    const stop = new AbortController();
    const connection = await mapper.connect(stop.signal);
    const counts = new Map<string, number>();
    const ended = connection.subscribe(({ readings }) => {
      for (const { property: name } of readings) counts.set(name, (counts.get(name) ?? 0) + 1);
      return Promise.resolve();
    }, stop.signal);
    await clock.advance(6_500);
    stop.abort();
    await ended;
    expect([...counts]).toEqual([
      ['level', 7],
      ['slow', 3],
    ]);
  });

  it.each([
    [{ generator: 'noise' }, 'generator is noise, not one of sine'],
    [{ generator: 'sine', csv: '1' }, 'configData has no field csv for sine'],
    [{ generator: 'sine', periodMs: 0 }, 'periodMs is not above 0'],
    [{ generator: 'random-walk', step: 'far' }, 'step is not a number'],
    [{ generator: 'random-walk', decimals: 1.5 }, 'decimals is not a whole number'],
    [{ generator: 'replay' }, 'csv holds no values'],
  ])('are refused when they say %j: %s', (visitor, why) => {
    const protocol = virtualProtocol({ clock: systemClock, random: systemRandom });
    const device = { id: deviceId('default', 'v'), config: {}, properties: [property(visitor)] };
    expect(() => protocol.mapper(device)).toThrow(DeviceMisconfigured);
    expect(() => protocol.mapper(device)).toThrow(why);
  });
});
