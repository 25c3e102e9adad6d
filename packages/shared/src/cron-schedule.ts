import { Cron } from 'croner';
import { parseGoDuration } from './go-duration.ts';

/** When something is to happen again and again. */
export interface CronSchedule {
  /** The first time after `after`, both milliseconds since the epoch; undefined when there is none. */
  next(after: number): number | undefined;
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
    return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
  } catch {
    return undefined;
  }
}

/** Whole seconds, and at least one. */
function everySo(ms: number | undefined): CronSchedule | undefined {
  if (ms === undefined) return undefined;
  const delay = Math.max(1_000, Math.floor(ms / 1_000) * 1_000);
  return { next: (after) => Math.floor(after / 1_000) * 1_000 + delay };
}
