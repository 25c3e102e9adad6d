import { describe, expect, it } from 'vitest';
import { conditionOf, type Finding } from './condition.ts';

const now = Date.UTC(2026, 0, 2);
const type = 'Mapped';
const good: Finding = { type, status: 'True', reason: 'MapperRuns', message: 'it runs' };
const bad: Finding = { type, status: 'False', reason: 'Misconfigured', message: 'no topic' };

describe('the condition Mapped', () => {
  it('keeps the time of its last turn while the status stays', () => {
    const first = conditionOf(bad, [], 1, now - 86_400_000);
    const later = conditionOf({ ...bad, message: 'no path' }, [{ ...first }], 2, now);
    expect(later).toEqual({
      type: 'Mapped',
      status: 'False',
      reason: 'Misconfigured',
      message: 'no path',
      lastTransitionTime: '2026-01-01T00:00:00Z',
      observedGeneration: 2,
    });
    expect(conditionOf(good, [{ ...later }], 3, now).lastTransitionTime).toBe(
      '2026-01-02T00:00:00Z',
    );
  });

  it('pays no heed to other conditions, or to what is none', () => {
    const others = ['x', null, { type: 'Ready', status: 'True', lastTransitionTime: 'then' }];
    expect(conditionOf(good, others, 1, now).lastTransitionTime).toBe('2026-01-02T00:00:00Z');
  });
});
