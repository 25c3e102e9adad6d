import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begun, isSettled, weigh, type ProbeKind, type Tally, type Thresholds } from './weigh.ts';

const once: Thresholds = { success: 1, failure: 1 };

/** Verdicts after each sighting: `+` a success, `-` a failure. */
function verdicts(kind: ProbeKind, sightings: string, thresholds: Thresholds): string[] {
  let tally: Tally = begun(kind);
  return Array.from(sightings, (sighting) => {
    tally = weigh(tally, sighting === '+' ? 'success' : 'failure', thresholds);
    return tally.verdict;
  });
}

describe('weigh', () => {
  it.each([
    ['readiness', 'failure'],
    ['liveness', 'success'],
    ['startup', 'unknown'],
  ] as const)('presumes of %s: %s', (kind, verdict) => {
    expect(begun(kind).verdict).toBe(verdict);
    expect(begun(kind, 'success').verdict).toBe('success');
  });

  it.each([
    ['liveness', '---', { success: 1, failure: 3 }, 'success success failure'],
    ['liveness', '--+--', { success: 1, failure: 3 }, 'success success success success success'],
    ['liveness', '-', once, 'failure'],
    ['readiness', '++-', { success: 2, failure: 1 }, 'failure success failure'],
    ['readiness', '+-+', { success: 2, failure: 1 }, 'failure failure failure'],
    ['readiness', '+--+', { success: 1, failure: 2 }, 'success success failure success'],
    ['startup', '--+', { success: 1, failure: 5 }, 'unknown unknown success'],
    ['startup', '---', { success: 1, failure: 3 }, 'unknown unknown failure'],
  ] as const)('of %s after %s', (kind, sightings, thresholds, told) => {
    expect(verdicts(kind, sightings, thresholds).join(' ')).toBe(told);
  });

  it('turns a verdict only after enough sightings in a row', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (sightings, success, failure) => {
          const text = sightings.map((good) => (good ? '+' : '-')).join('');
          const told = verdicts('readiness', text, { success, failure });
          let before = 'failure';
          told.forEach((verdict, index) => {
            const needed = verdict === 'success' ? success : failure;
            const row = text.slice(Math.max(0, index + 1 - needed), index + 1);
            const isRow = row === (verdict === 'success' ? '+' : '-').repeat(needed);
            expect(verdict === before || isRow).toBe(true);
            before = verdict;
          });
        },
      ),
    );
  });
});

describe('isSettled', () => {
  const after = (kind: ProbeKind, seen: 'success' | 'failure'): boolean =>
    isSettled(kind, weigh(begun(kind), seen, once));

  it('asks no more who has started, who did not, and who is dead', () => {
    expect(after('startup', 'success')).toBe(true);
    expect(after('startup', 'failure')).toBe(true);
    expect(after('liveness', 'failure')).toBe(true);
  });

  it('asks on who lives, and who is ready or is not', () => {
    expect(after('liveness', 'success')).toBe(false);
    expect(after('readiness', 'success')).toBe(false);
    expect(after('readiness', 'failure')).toBe(false);
    expect(
      isSettled('startup', weigh(begun('startup'), 'failure', { success: 1, failure: 2 })),
    ).toBe(false);
  });
});
