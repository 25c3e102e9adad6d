import { parseCronSchedule } from '@skerry/shared/cron-schedule';
import { describe, expect, it } from 'vitest';
import { decideCron, type CronScene } from './decide.ts';

const at = (time: string): number => Date.parse(`2026-03-02T${time}Z`);

function decided(more: Partial<CronScene>, text = '*/10 * * * *'): string {
  const schedule = parseCronSchedule(text, 'Etc/UTC');
  if (!schedule) throw new Error('no schedule');
  const { begin, replaces, news, againAt } = decideCron({
    schedule,
    since: at('12:00:00'),
    lastScheduled: undefined,
    deadlineMs: undefined,
    concurrency: 'Allow',
    active: 0,
    now: at('12:05:00'),
    ...more,
  });
  const time = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
  return [
    ...(begin === undefined ? [] : [`${replaces === true ? 'replace' : 'begin'} ${time(begin)}`]),
    ...news.map(({ reason }) => reason),
    ...(againAt === undefined ? [] : [`again ${time(againAt)}`]),
  ].join(', ');
}

describe('decideCron', () => {
  it.each<[string, Partial<CronScene>, string]>([
    ['waits for its time', {}, 'again 12:10'],
    ['begins at its time', { now: at('12:10:00') }, 'begin 12:10, again 12:20'],
    [
      'begins once',
      { now: at('12:10:01'), since: at('12:10:00'), lastScheduled: at('12:10:00') },
      'again 12:20',
    ],
    ['begins for the last of missed times', { now: at('12:47:00') }, 'begin 12:40, again 12:50'],
    [
      'does not begin when it is too late',
      { now: at('12:12:00'), deadlineMs: 60_000 },
      'MissSchedule, again 12:20',
    ],
    [
      'begins when it is late but not too late',
      { now: at('12:12:00'), deadlineMs: 180_000 },
      'begin 12:10, again 12:20',
    ],
    [
      'waits for the one that runs',
      { now: at('12:10:00'), concurrency: 'Forbid', active: 1 },
      'JobAlreadyActive, again 12:20',
    ],
    [
      'takes the place of the one that runs',
      { now: at('12:10:00'), concurrency: 'Replace', active: 1 },
      'replace 12:10, again 12:20',
    ],
    [
      'has nothing to replace',
      { now: at('12:10:00'), concurrency: 'Replace' },
      'begin 12:10, again 12:20',
    ],
    [
      'wonders about a hundred missed times, and begins all the same',
      { now: at('23:59:00'), since: at('00:00:00') },
      'begin 23:50, TooManyMissedTimes, again 00:00',
    ],
  ])('%s', (_what, more, decision) => {
    expect(decided(more)).toBe(decision);
  });

  it('looks back years for a rare time', () => {
    const since = Date.parse('2020-01-01T00:00:00Z');
    expect(decided({ since }, '0 0 29 2 *')).toMatch(/^begin 00:00/);
  });

  it('has nothing to wait for without such a day', () => {
    expect(decided({}, '0 0 30 2 *')).toBe('');
  });
});
