import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { humanDuration, since } from './age.ts';

const [s, m, h, d] = [1000, 60_000, 3_600_000, 86_400_000];

describe('humanDuration', () => {
  it.each([
    [-2 * s, '<invalid>'],
    [-1 * s, '0s'],
    [0, '0s'],
    [119 * s, '119s'],
    [120 * s, '2m'],
    [125 * s, '2m5s'],
    [10 * m + 5 * s, '10m'],
    [179 * m, '179m'],
    [180 * m, '3h'],
    [7 * h + 59 * m, '7h59m'],
    [8 * h + 30 * m, '8h'],
    [47 * h, '47h'],
    [48 * h, '2d'],
    [49 * h, '2d1h'],
    [8 * d + 5 * h, '8d'],
    [400 * d, '400d'],
    [730 * d, '2y'],
    [731 * d, '2y1d'],
    [3000 * d, '8y'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });

  it('always prints something short', () => {
    fc.assert(
      fc.property(fc.integer(), (ms) => {
        expect(humanDuration(ms)).toMatch(/^(<invalid>|\d+[smhdy](\d+[smhd])?)$/);
      }),
    );
  });
});

describe('since', () => {
  it('counts from a timestamp', () => {
    expect(since('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:01:30Z'))).toBe('90s');
  });

  it('does not know when there is none', () => {
    expect(since(undefined, 0)).toBe('<unknown>');
    expect(since(null, 0)).toBe('<unknown>');
    expect(since('yesterday', 0)).toBe('<unknown>');
  });
});
