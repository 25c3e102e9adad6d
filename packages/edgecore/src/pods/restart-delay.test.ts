import { describe, expect, it } from 'vitest';
import { CONTAINER_RESTARTS, delayOf, restartOf } from './restart-delay.ts';

const minute = 60_000;

describe('restartOf', () => {
  it('waits 0, 10, 20, 40, 80, 160 seconds, then 5 minutes for ever', () => {
    const seconds = Array.from({ length: 9 }, (_, n) => delayOf(n, CONTAINER_RESTARTS) / 1000);
    expect(seconds).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it('counts the delay from the end of the run', () => {
    const run = { startedAt: 1000, finishedAt: 5000, streak: 2 };
    expect(restartOf(run, CONTAINER_RESTARTS, 9000)).toEqual({
      at: 25_000,
      delayMs: 20_000,
      streak: 3,
    });
  });

  it('begins anew after ten minutes of running', () => {
    const run = { startedAt: 1, finishedAt: 1 + 10 * minute, streak: 7 };
    expect(restartOf(run, CONTAINER_RESTARTS, 11 * minute)).toMatchObject({
      delayMs: 0,
      streak: 1,
    });
  });

  it('does not take a container that never ran for one that ran since 1970', () => {
    const run = { startedAt: 0, finishedAt: 100 * minute, streak: 1 };
    expect(restartOf(run, CONTAINER_RESTARTS, 100 * minute).delayMs).toBe(10_000);
  });

  it('does not wait for a clock that was set back', () => {
    const run = { startedAt: 90 * minute, finishedAt: 91 * minute, streak: 1 };
    expect(restartOf(run, CONTAINER_RESTARTS, 5 * minute).at).toBe(5 * minute);
  });
});
