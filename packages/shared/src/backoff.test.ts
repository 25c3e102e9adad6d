import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubling, fullJitter } from './backoff.ts';

describe('backoff', () => {
  it('doubles up to its limit', () => {
    expect([...doubling({ firstMs: 10, maxMs: 50 }).take(5)]).toEqual([10, 20, 40, 50, 50]);
  });

  it('never waits longer than the doubling schedule', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (rolls) => {
          const limits = { firstMs: 100, maxMs: 3_000 };
          let roll = 0;
          const jittered = [
            ...fullJitter(limits, () => rolls[roll++ % rolls.length] ?? 0).take(12),
          ];
          const bounds = [...doubling(limits).take(12)];
          jittered.forEach((delay, i) => expect(delay).toBeLessThanOrEqual(bounds[i] ?? 0));
        },
      ),
    );
  });
});
