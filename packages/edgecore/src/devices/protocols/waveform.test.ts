import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecording, sample, type Generator } from './waveform.ts';

const half = (): number => 0.5;
const wave = { offset: 20, amplitude: 5, periodMs: 1_000, phase: 0, decimals: 2 };

describe('a waveform', () => {
  it.each([
    ['sine', [20, 25, 20, 15]],
    ['square', [25, 25, 15, 15]],
    ['triangle', [15, 20, 25, 20]],
    ['sawtooth', [15, 17.5, 20, 22.5]],
  ] as const)('%s has its shape, and the same again in the next period', (kind, quarters) => {
    for (const [quarter, height] of quarters.entries())
      for (const period of [0, 7])
        expect(
          Number(sample({ kind, ...wave }, period * 1_000 + quarter * 250, undefined, half)),
        ).toBeCloseTo(height, 2);
  });

  it('of a random walk begins where it should and never leaves its bounds', () => {
    const walk: Generator = {
      kind: 'random-walk',
      start: 20,
      step: 3,
      min: 18,
      max: 22,
      decimals: 1,
    };
    expect(sample(walk, 0, undefined, half)).toBe('20.0');
    const draws = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(draws, (randoms) => {
        let value = '20.0';
        for (const drawn of randoms) {
          const next = sample(walk, 0, value, () => drawn);
          expect(Math.abs(Number(next) - Number(value))).toBeLessThanOrEqual(3.1);
          expect(Number(next)).toBeGreaterThanOrEqual(18);
          expect(Number(next)).toBeLessThanOrEqual(22);
          value = next;
        }
      }),
    );
  });
});

describe('a recording', () => {
  it('is one value a line, or times and values, and begins again when it has ended', () => {
    const plain: Generator = { kind: 'replay', ...readRecording('a\nb\r\n\nc', 100) };
    const at = (generator: Generator, ms: number): string => sample(generator, ms, undefined, half);
    expect([0, 99, 100, 250, 300].map((ms) => at(plain, ms))).toEqual(['a', 'a', 'b', 'c', 'a']);
    const timed: Generator = {
      kind: 'replay',
      ...readRecording('time;value\n0;1.5\n500;2.5\n', 100),
    };
    expect([0, 499, 500, 599, 600].map((ms) => at(timed, ms))).toEqual([
      '1.5',
      '1.5',
      '2.5',
      '2.5',
      '1.5',
    ]);
  });
});
