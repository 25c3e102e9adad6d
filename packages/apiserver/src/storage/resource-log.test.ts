import { expect, it } from 'vitest';
import { Held } from './held.ts';
import { HistoryForgotten, ResourceLog, type LogEvent } from './resource-log.ts';

const event = (revision: number): LogEvent => ({
  type: 'ADDED',
  held: new Held({ resource: 'pods', namespace: 'n', name: 'p' }, revision, new Uint8Array(10)),
});
const revisions = (events: readonly LogEvent[]): number[] =>
  events.map(({ held }) => held.revision);

it('reads on after any revision, also one between its events', () => {
  const log = new ResourceLog(100, { events: 10, bytes: 1000 });
  for (const revision of [101, 105, 109]) log.append(event(revision));
  expect(revisions(log.after(100))).toEqual([101, 105, 109]);
  expect(revisions(log.after(103))).toEqual([105, 109]);
  expect(revisions(log.after(109))).toEqual([]);
  expect(revisions(log.after(500))).toEqual([]);
});

it('tells those who come for what it has forgotten', () => {
  const log = new ResourceLog(100, { events: 4, bytes: 1000 });
  for (let revision = 101; revision <= 105; revision++) log.append(event(revision));
  const forgotten = revisions(log.trim());
  expect(forgotten).toEqual([101, 102]);
  expect(log.floor).toBe(102);
  expect(() => log.after(101)).toThrow(HistoryForgotten);
  expect(revisions(log.after(102))).toEqual([103, 104, 105]);
});

it('wakes all who wait, once', async () => {
  const log = new ResourceLog(100, { events: 4, bytes: 1000 });
  const { signal } = new AbortController();
  const woken = Promise.all([log.changed(signal), log.changed(signal)]);
  log.append(event(101));
  await expect(woken).resolves.toHaveLength(2);
});

it('stops waiting when the signal aborts', async () => {
  const log = new ResourceLog(100, { events: 4, bytes: 1000 });
  const controller = new AbortController();
  const waiting = log.changed(controller.signal);
  controller.abort();
  await expect(waiting).resolves.toBeUndefined();
});
