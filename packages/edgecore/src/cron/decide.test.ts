import { parseCronSchedule } from '@skerry/shared/cron-schedule';
import { describe, expect, it } from 'vitest';
import { decideRun, type CronScene } from './decide.ts';

const at = (time: string): number => Date.parse(`2026-03-02T${time}Z`);
const minute = 60_000;
const scene = (more: Partial<CronScene>): CronScene => ({
  schedule: parseCronSchedule('*/10 * * * *', 'Etc/UTC')!,
  isSuspended: false,
  startingDeadlineMs: undefined,
  concurrency: 'Allow',
  since: at('12:00:00'),
  active: 0,
  now: at('12:05:00'),
  ...more,
});
const decided = (more: Partial<CronScene>): string => {
  const { fire, notes, againAt } = decideRun(scene(more));
  const time = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
  return [
    ...(fire ? [`${fire.replace ? 'replace' : 'run'} ${time(fire.at)}`] : []),
    ...notes.map(({ reason }) => reason),
    ...(againAt === undefined ? [] : [`again ${time(againAt)}`]),
  ].join(', ');
};

describe('decideRun', () => {
  it.each<[string, Partial<CronScene>, string]>([
    ['waits for the next time', {}, 'again 12:10'],
    ['runs on time', { now: at('12:10:00') }, 'run 12:10, again 12:20'],
    ['runs late, where nothing says how late', { now: at('12:19:59') }, 'run 12:10, again 12:20'],
    ['runs the last of several missed times', { now: at('12:45:00') }, 'run 12:40, again 12:50'],
    [
      'does not run what is later than it may be',
      { now: at('12:12:00'), startingDeadlineMs: minute },
      'again 12:20',
    ],
    [
      'runs what is not later than it may be',
      { now: at('12:12:00'), startingDeadlineMs: 3 * minute },
      'run 12:10, again 12:20',
    ],
    ['does nothing while suspended', { now: at('12:45:00'), isSuspended: true }, ''],
    ['runs beside another', { now: at('12:10:00'), active: 1 }, 'run 12:10, again 12:20'],
    [
      'does not run beside another where that is forbidden',
      { now: at('12:10:00'), active: 1, concurrency: 'Forbid' },
      'JobAlreadyActive, again 12:20',
    ],
    [
      'replaces another',
      { now: at('12:10:00'), active: 1, concurrency: 'Replace' },
      'replace 12:10, again 12:20',
    ],
    [
      'replaces nothing that is not there',
      { now: at('12:10:00'), concurrency: 'Replace' },
      'run 12:10, again 12:20',
    ],
    ['does nothing when the clock was set back', { now: at('11:00:00') }, 'again 11:10'],
    [
      'runs once after years away, and says how much it has missed',
      { since: Date.UTC(2020, 0, 1), now: at('12:45:00') },
      'run 12:40, TooManyMissedTimes, again 12:50',
    ],
    [
      'ends with its schedule',
      { schedule: parseCronSchedule('0 0 30 2 *', 'Etc/UTC')!, now: at('12:45:00') },
      '',
    ],
  ])('%s', (_, more, said) => {
    expect(decided(more)).toBe(said);
  });
});
