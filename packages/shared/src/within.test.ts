import { describe, expect, it } from 'vitest';
import { ManualClock } from './testing/manual-clock.ts';
import { within } from './within.ts';

describe('within', () => {
  const clock = new ManualClock();
  const { signal } = new AbortController();

  it('answers what comes in time, and leaves no timer behind', async () => {
    const slept = clock.sleep(10, signal).then(() => 'in time');
    const answer = within(11, slept, { clock, signal });
    await clock.advance(10);
    expect(await answer).toBe('in time');
    expect(clock.sleepers).toBe(0);
  });

  it('answers nothing when it takes too long', async () => {
    const answer = within(10, new Promise(() => undefined), { clock, signal });
    await clock.advance(10);
    expect(await answer).toBeUndefined();
  });

  it('fails as what is awaited does, and when it is called off', async () => {
    const failure = new Error('no');
    await expect(within(10, Promise.reject(failure), { clock, signal })).rejects.toBe(failure);
    const stop = new AbortController();
    const answer = within(10, new Promise(() => undefined), { clock, signal: stop.signal });
    stop.abort(failure);
    await expect(answer).rejects.toBe(failure);
    expect(clock.sleepers).toBe(0);
  });
});
