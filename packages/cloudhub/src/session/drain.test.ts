import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { expect, it } from 'vitest';
import { groupSize, inGroups } from './drain.ts';

it('sends a few away at once, and many as slowly as there is time', () => {
  expect(groupSize(3, 10_000)).toBe(20);
  expect(groupSize(10_000, 10_000)).toBe(100);
  expect(groupSize(10_000, 0)).toBe(10_000);
});

it('sends everybody away once, in groups over the time it has', async () => {
  const clock = new ManualClock();
  const all = Array.from({ length: 1_000 }, (_, n) => n);
  const gone: number[] = [];
  const draining = inGroups(all, (one) => gone.push(one), { clock, withinMs: 1_000 });
  await settle();
  expect(gone).toHaveLength(100);
  await clock.advance(500);
  expect(gone).toHaveLength(600);
  await clock.advance(500);
  await draining;
  expect(gone).toEqual(all);
});
