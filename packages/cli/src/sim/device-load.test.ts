import { readGenerator } from '@skerry/edgecore/devices/protocols/virtual-visitor';
import { describe, expect, it } from 'vitest';
import { DeviceValues, generatorOf, loads, type Load } from './device-load.ts';

const seeded = (): (() => number) => {
  let n = 0;
  return () => (n = (n * 16_807 + 11) % 2_147_483_647) / 2_147_483_647;
};

describe('what simulated devices say', () => {
  it.each(Object.keys(loads) as Load[])('is what the protocol virtual knows as %s', (load) => {
    const problems: string[] = [];
    readGenerator(loads[load], 1_000, problems);
    expect(problems).toEqual([]);
    const values = new DeviceValues(generatorOf(load), seeded());
    for (let s = 0; s < 100; s++) expect(Number(values.next(s * 1_000))).toBeCloseTo(20, -2);
  });

  it('is each device’s own', () => {
    const random = seeded();
    random();
    const sine = generatorOf('sine');
    const [one, other] = [new DeviceValues(sine, random), new DeviceValues(sine, random)];
    expect(one.next(0)).not.toBe(other.next(0));
  });
});
