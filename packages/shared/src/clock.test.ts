import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { kubeTime, systemClock } from './clock.ts';

const dayMs = 86_400_000;

describe('the clock of the machine', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it.each([0, 1, 24 * dayMs, 2_147_483_647, 2_147_483_648, 60 * dayMs])(
    'sleeps for %i ms, not shorter and not longer',
    async (ms) => {
      const begin = systemClock.now();
      let woke: number | undefined;
      const { signal } = new AbortController();
      void systemClock.sleep(ms, signal).then(() => {
        woke = systemClock.now() - begin;
      });
      await vi.advanceTimersByTimeAsync(Math.max(0, ms - 1));
      expect(woke).toBe(ms === 0 ? 0 : undefined);
      await vi.advanceTimersByTimeAsync(1);
      expect(woke).toBe(ms);
    },
  );

  it('wakes early with the reason of its signal, and leaves no timer', async () => {
    const ending = new AbortController();
    const sleeping = systemClock.sleep(60 * dayMs, ending.signal);
    await vi.advanceTimersByTimeAsync(30 * dayMs);
    ending.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a time of Kubernetes', () => {
  it('has whole seconds, and never more than four digits of a year', () => {
    expect(kubeTime(1_763_740_800_999)).toBe('2025-11-21T16:00:00Z');
    expect(kubeTime(Number.MAX_SAFE_INTEGER * 1_000)).toBe('9999-12-31T23:59:59Z');
  });
});
