import { describe, expect, it } from 'vitest';
import { mergeConditions, overlay } from './conditions.ts';

const now = Date.UTC(2026, 0, 1, 12);
const at = (hour: number): string =>
  new Date(Date.UTC(2026, 0, 1, hour)).toISOString().slice(0, 19) + 'Z';

describe('mergeConditions', () => {
  it('keeps what others report and the order in which conditions stand', () => {
    const current = [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'False' },
    ];
    const reported = [
      { type: 'Initialized', status: 'True' },
      { type: 'Ready', status: 'True' },
    ];
    expect(
      mergeConditions(current, reported, now).map(({ type, status }) => [type, status]),
    ).toEqual([
      ['PodScheduled', 'True'],
      ['Ready', 'True'],
      ['Initialized', 'True'],
    ]);
  });

  it('does not let a transition go back in time', () => {
    const current = [{ type: 'Ready', status: 'Unknown', lastTransitionTime: at(10) }];
    const early = { type: 'Ready', status: 'True', lastTransitionTime: at(8) };
    const late = { type: 'Ready', status: 'True', lastTransitionTime: at(11) };
    expect(mergeConditions(current, [early], now)[0]?.['lastTransitionTime']).toBe(at(12));
    expect(mergeConditions(current, [late], now)[0]?.['lastTransitionTime']).toBe(at(11));
  });

  it('settles: the same report again changes nothing', () => {
    const current = [{ type: 'Ready', status: 'Unknown', lastTransitionTime: at(10) }];
    const reported = [{ type: 'Ready', status: 'True', lastTransitionTime: at(8) }];
    const once = mergeConditions(current, reported, now);
    expect(mergeConditions(once, reported, now + 60_000)).toEqual(once);
  });
});

describe('overlay', () => {
  it('removes owned fields that are not stated and leaves the others alone', () => {
    const current = { phase: 'Failed', reason: 'Evicted', qosClass: 'Burstable' };
    expect(overlay(current, { phase: 'Running' }, ['phase', 'reason'])).toEqual({
      phase: 'Running',
      qosClass: 'Burstable',
    });
  });
});
