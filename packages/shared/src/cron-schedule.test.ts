import { describe, expect, it } from 'vitest';
import { parseCronSchedule } from './cron-schedule.ts';

const at = (text: string): number => Date.parse(text);
const next = (schedule: string, after: string, timeZone = 'Etc/UTC'): string | undefined => {
  const time = parseCronSchedule(schedule, timeZone)?.next(at(after));
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe('parseCronSchedule', () => {
  it.each([
    ['*/15 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:15:00.000Z'],
    ['0 3 * * *', '2026-01-01T03:00:00Z', '2026-01-02T03:00:00.000Z'],
    ['0 0 ? * MON-FRI', '2026-01-02T12:00:00Z', '2026-01-05T00:00:00.000Z'],
    ['0 0 13 * FRI', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['@hourly', '2026-01-01T00:30:00Z', '2026-01-01T01:00:00.000Z'],
    ['@every 90m', '2026-01-01T00:30:00.500Z', '2026-01-01T02:00:00.000Z'],
    ['0 0 30 2 *', '2026-01-01T00:00:00Z', undefined],
  ])('%s after %s is %s', (schedule, after, time) => {
    expect(next(schedule, after)).toBe(time);
  });

  it('knows time zones, with their summer', () => {
    expect(next('0 9 * * *', '2026-01-01T00:00:00Z', 'Europe/Berlin')).toBe(
      '2026-01-01T08:00:00.000Z',
    );
    expect(next('0 9 * * *', '2026-07-01T00:00:00Z', 'Europe/Berlin')).toBe(
      '2026-07-01T07:00:00.000Z',
    );
  });

  it.each(['', 'never', '* * * *', '* * * * * *', '61 * * * *', '@every', '@every soon'])(
    'takes %j for none',
    (schedule) => {
      expect(parseCronSchedule(schedule, 'Etc/UTC')).toBeUndefined();
    },
  );

  it('does not know a time zone that is none', () => {
    expect(parseCronSchedule('@hourly', 'Moon/Tycho')).toBeUndefined();
  });

  it.each([
    ['*/15 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:59:59Z', '2026-01-01T00:45:00.000Z'],
    ['*/15 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:14:59Z', undefined],
    ['* * * * *', '2026-01-01T00:00:59.900Z', '2026-01-01T00:01:00Z', '2026-01-01T00:01:00.000Z'],
    ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:02:00Z', '2026-01-01T00:02:00.000Z'],
    ['@every 90m', '2026-01-01T00:00:00Z', '2026-01-01T04:29:59Z', '2026-01-01T03:00:00.000Z'],
    ['@every 90m', '2026-01-01T00:00:00Z', '2026-01-01T01:29:59Z', undefined],
    ['0 0 30 2 *', '2026-01-01T00:00:00Z', '2036-01-01T00:00:00Z', undefined],
  ])('of %s after %s the last until %s is %s', (schedule, after, until, time) => {
    const last = parseCronSchedule(schedule, 'Etc/UTC')!.last(at(after), at(until));
    expect(last === undefined ? undefined : new Date(last).toISOString()).toBe(time);
  });
});
