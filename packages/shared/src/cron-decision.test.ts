import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { decideCron, type CronScene } from './cron-decision.ts';
import { parseCronSchedule } from './cron-schedule.ts';

const at = (time: string): number => Date.parse(`2026-03-02T${time}Z`);
const minute = 60_000;
const scene = (more: Partial<CronScene>): CronScene => ({
  schedule: parseCronSchedule('*/10 * * * *', 'Etc/UTC')!,
  startingDeadlineMs: undefined,
  concurrency: 'Allow',
  since: at('12:00:00'),
  active: 0,
  now: at('12:05:00'),
  ...more,
});
const decided = (more: Partial<CronScene>): string => {
  const { fire, notes, againAt } = decideCron(scene(more));
  const time = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
  return [
    ...(fire ? [`${fire.replace ? 'replace' : 'run'} ${time(fire.at)}`] : []),
    ...notes.map(({ reason }) => reason),
    ...(againAt === undefined ? [] : [`again ${time(againAt)}`]),
  ].join(', ');
};

describe('decideCron', () => {
  it.each<[string, Partial<CronScene>, string]>([
    ['waits for the next time', {}, 'again 12:10'],
    ['runs on time', { now: at('12:10:00') }, 'run 12:10, again 12:20'],
    ['runs late, where nothing says how late', { now: at('12:19:59') }, 'run 12:10, again 12:20'],
    ['runs once', { now: at('12:10:01'), since: at('12:10:00') }, 'again 12:20'],
    ['runs the last of several missed times', { now: at('12:45:00') }, 'run 12:40, again 12:50'],
    [
      'does not run what is later than it may be',
      { now: at('12:12:00'), startingDeadlineMs: minute },
      'MissSchedule, again 12:20',
    ],
    [
      'runs what is not later than it may be',
      { now: at('12:12:00'), startingDeadlineMs: 3 * minute },
      'run 12:10, again 12:20',
    ],
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
      'wonders about a hundred missed times, and runs all the same',
      { now: at('23:59:00'), since: at('00:00:00') },
      'run 23:50, TooManyMissedTimes, again 00:00',
    ],
    [
      'counts no times that are too late',
      { now: at('23:59:00'), since: at('00:00:00'), startingDeadlineMs: 60 * minute },
      'run 23:50, again 00:00',
    ],
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

  it.each([
    ['0 9 * * 1-5', '2026-01-05T08:00:00Z', '2026-01-12T08:00:00Z', '2026-01-09T09:00:00.000Z'],
    ['* 9 * * *', '2026-01-05T09:00:00Z', '2026-01-06T08:00:00Z', '2026-01-05T09:59:00.000Z'],
    ['0 0 29 2 *', '2020-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['@every 90m', '2026-01-05T00:00:00Z', '2026-01-05T05:00:00Z', '2026-01-05T04:30:00.000Z'],
  ])('knows the last time of %s, however uneven its times', (text, from, to, last) => {
    const [since, now] = [Date.parse(from), Date.parse(to)];
    const { fire } = decideCron(
      scene({ schedule: parseCronSchedule(text, 'Etc/UTC')!, since, now }),
    );
    expect(fire && new Date(fire.at).toISOString()).toBe(last);
  });

  it('finds the last of very many times before a long time without any', () => {
    const schedule = parseCronSchedule('* * * 1-6 *', 'Etc/UTC')!;
    using asked = vi.spyOn(Cron.prototype, 'nextRun');
    const [since, now] = [Date.UTC(2024, 0, 1), Date.UTC(2026, 11, 20)];
    const { fire } = decideCron(scene({ schedule, since, now }));
    expect(new Date(fire!.at).toISOString()).toBe('2026-06-30T23:59:00.000Z');
    expect(asked.mock.calls.length).toBeLessThan(100);
  });

  it('comes to the same as counting every time', () => {
    const texts = ['*/7 3-5 * * *', '15,45 */3 * * 0,6', '0 0 31 * *', '5 4 1-3 * *'];
    const cases = fc.tuple(fc.constantFrom(...texts), fc.nat(90 * 1440), fc.nat(40 * 1440));
    fc.assert(
      fc.property(cases, ([text, start, span]) => {
        const schedule = parseCronSchedule(text, 'Etc/UTC')!;
        const since = at('00:00:00') + start * minute;
        const now = since + span * minute;
        let last: number | undefined;
        for (let next = schedule.next(since); next! <= now; next = schedule.next(next!))
          last = next;
        expect(decideCron(scene({ schedule, since, now })).fire?.at).toBe(last);
      }),
    );
  });
});
