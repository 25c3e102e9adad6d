import { ManualClock } from '@skerry/shared/testing/manual-clock';
import type { Store } from '@skerry/shared/store';
import { expect, it } from 'vitest';
import { DiskHealth, diskLookMs, tightBytes } from './disk-health.ts';

it('a disk is ill from the first write that it refuses until it takes one, which is tried by itself', async () => {
  const clock = new ManualClock();
  let isFull = false;
  let free = 2 * tightBytes;
  const disk = new DiskHealth({ clock, freeBytes: () => Promise.resolve(free) });
  const write = (): Promise<void> =>
    isFull ? Promise.reject(new Error('no room')) : Promise.resolve();
  let tries = 0;
  const store = {
    table: () => ({ put: () => 'probe' }),
    commit: () => {
      tries += 1;
      return disk.watch(write);
    },
  } as unknown as Store;
  const stop = new AbortController();
  const trying = disk.keepTrying(store, stop.signal).catch(() => undefined);
  await disk.watch(write);
  await clock.advance(diskLookMs);
  expect([disk.refusal, tries]).toEqual([undefined, 0]);
  isFull = true;
  const since = clock.now();
  await expect(disk.watch(write)).rejects.toThrow('no room');
  await clock.advance(diskLookMs);
  expect([disk.refusal, tries]).toEqual([{ since, why: 'no room' }, 1]);
  isFull = false;
  await clock.advance(diskLookMs);
  expect([disk.refusal, tries]).toEqual([undefined, 2]);
  [isFull, free] = [true, 0]; // and nobody has anything to write
  await clock.advance(diskLookMs);
  expect(disk.refusal?.why).toBe('no room');
  stop.abort();
  await trying;
});
