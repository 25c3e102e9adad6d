import { describe, expect, it } from 'vitest';
import { attempted, dueAt, maxWriteAttempts, type Attempt, type Goal } from './write-plan.ts';

const goal: Goal = { property: 't', value: '25', wish: '1.0', circumstances: '0 online' };

/** Writes at every time it is due, and answers the times. */
function writes(spread: number, limit = 100): number[] {
  const times: number[] = [];
  let attempt: Attempt | undefined;
  for (let now = 0; times.length < limit;) {
    const due = dueAt(goal, attempt, now);
    if (due === Infinity) break;
    now = due;
    times.push(now);
    attempt = attempted(goal, attempt, { left: true, now, spread });
  }
  return times;
}

describe('the plan of writes', () => {
  it('writes at once, then with growing waits, and gives up in the end', () => {
    const times = writes(1);
    expect(times.slice(0, 7)).toEqual([0, 2_000, 6_000, 14_000, 30_000, 62_000, 122_000]);
    expect(times).toHaveLength(maxWriteAttempts);
  });

  it('spreads each wait over its upper half', () => {
    expect(writes(0).slice(0, 3)).toEqual([0, 1_000, 3_000]);
  });

  it('writes a new wish at once', () => {
    const attempt = attempted(goal, undefined, { left: true, now: 100, spread: 0.5 });
    expect(dueAt({ ...goal, wish: '2.0' }, attempt, 101)).toBe(101);
  });

  it('tries anew, without haste, when the device’s circumstances change', () => {
    let attempt: Attempt | undefined;
    for (let times = 0; times < maxWriteAttempts; times++)
      attempt = attempted(goal, attempt, { left: true, now: 1_000, spread: 0.5 });
    expect(dueAt(goal, attempt, 1_001)).toBe(Infinity);
    const back = { ...goal, circumstances: '1 online' };
    expect(dueAt(back, attempt, 1_001)).toBe(3_000);
    expect(attempted(back, attempt, { left: true, now: 3_000, spread: 1 })).toMatchObject({
      count: 1,
      waitMs: 2_000,
    });
  });

  it('does not count a write that did not leave', () => {
    let attempt: Attempt | undefined;
    for (let times = 0; times < 1_000; times++)
      attempt = attempted(goal, attempt, { left: false, now: 0, spread: 1 });
    expect(attempt).toMatchObject({ count: 0, waitMs: 2_000 });
  });
});
