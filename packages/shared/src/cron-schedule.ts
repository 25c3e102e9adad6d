import { Cron } from 'croner';
import { parseGoDuration } from './go-duration.ts';

/** When something is to happen again and again. */
export interface CronSchedule {
  /** The first time after `after`, both milliseconds since the epoch; undefined when there is none. */
  next(after: number): number | undefined;
  /** The last time after `after` and not after `until`, however many lie between; undefined when there is none. */
  last(after: number, until: number): number | undefined;
}

/**
 * Reads a schedule as a CronJob writes it: five fields, `@hourly` and its like, or `@every 90m`; undefined
 * when it is none, or there is no such time zone. Without one it is that of this machine. Where day of
 * month and day of week are both given, either will do.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
export function parseCronSchedule(schedule: string, timeZone?: string): CronSchedule | undefined {
  const every = /^@every\s+(\S+)$/.exec(schedule.trim())?.[1];
  if (every !== undefined) return everySo(parseGoDuration(every));
  try {
    const pattern = schedule.trim().replaceAll('?', '*'); // both mean any, in Kubernetes
    const mode = pattern.startsWith('@') ? 'auto' : '5-part';
    const cron = new Cron(pattern, {
      mode,
      paused: true,
      ...(timeZone !== undefined && { timezone: timeZone }),
    });
    cron.nextRun(new Date(0)); // only now it looks at the time zone
    const next: CronSchedule['next'] = (after) => cron.nextRun(new Date(after))?.getTime();
    return { next, last: (after, until) => lastOf(next, after, until) };
  } catch {
    return undefined;
  }
}

/** By halves: a time of a pattern depends on no earlier one, and between two there is a minute at least. */
function lastOf(next: CronSchedule['next'], after: number, until: number): number | undefined {
  const due = (from: number): number | undefined => {
    const at = next(from);
    return at !== undefined && at <= until ? at : undefined;
  };
  let last = due(after);
  if (last === undefined) return undefined;
  for (let end = until; end - last > 1_000;) {
    const middle = Math.floor((last + end) / 2);
    const at = due(middle);
    if (at === undefined) end = middle;
    else last = at;
  }
  return last;
}

/** Whole seconds, and at least one. */
function everySo(ms: number | undefined): CronSchedule | undefined {
  if (ms === undefined) return undefined;
  const delay = Math.max(1_000, Math.floor(ms / 1_000) * 1_000);
  const next = (after: number): number => Math.floor(after / 1_000) * 1_000 + delay;
  return {
    next,
    last: (after, until) => {
      const first = next(after);
      return first > until ? undefined : first + Math.floor((until - first) / delay) * delay;
    },
  };
}
