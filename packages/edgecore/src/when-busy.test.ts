import { expect, it } from 'vitest';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { busyWindowMs, whenBusy } from './when-busy.ts';

it('passes over a process that waits, and one that is busy for a moment', async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  let used = 0;
  let busy = false;
  const waiting = whenBusy({ clock, cpuMs: () => used }, stop.signal).then(() => (busy = true));
  for (let window = 0; window < 10; window++) {
    used += busyWindowMs * 0.7;
    await clock.advance(busyWindowMs);
  }
  expect(busy).toBe(false);
  used += busyWindowMs * 0.9;
  await clock.advance(busyWindowMs);
  await waiting;
  expect(busy).toBe(true);
});

it('ends with its signal', async () => {
  const stop = new AbortController();
  const waiting = whenBusy({ clock: new ManualClock(), cpuMs: () => 0 }, stop.signal);
  stop.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
});
