import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Latencies } from './latencies.ts';

describe('latencies', () => {
  it('tell percentiles to a twentieth', () => {
    const samples = fc.array(fc.double({ min: 0.02, max: 1e5, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.constantFrom(0.5, 0.99), (all, share) => {
        const latencies = new Latencies();
        for (const ms of all) latencies.add(ms);
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(all.length * share) - 1] ?? 0;
        const told = latencies.percentile(share) ?? 0;
        expect(told).toBeGreaterThanOrEqual(exact * 0.999);
        expect(told).toBeLessThanOrEqual(exact * 1.051);
      }),
    );
  });

  it('tell nothing without a sample', () => {
    expect(new Latencies().percentile(0.5)).toBeUndefined();
  });
});
