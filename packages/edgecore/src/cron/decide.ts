import type { CronSchedule } from '@skerry/shared/cron-schedule';
import type { ConcurrencyPolicy } from './cron-job.ts';

/** More missed times than this are told: the schedule may be wrong, or the clock. */
const MANY_MISSED = 100;

/** A CronJob at one moment. Times are milliseconds since the epoch. */
export interface CronScene {
  readonly schedule: CronSchedule;
  readonly isSuspended: boolean;
  readonly startingDeadlineMs: number | undefined;
  readonly concurrency: ConcurrencyPolicy;
  /** The time of the last run, or of the making of the CronJob. */
  readonly since: number;
  /** Runs that have not ended. */
  readonly active: number;
  readonly now: number;
}

export interface CronNote {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface CronDecision {
  /** Begin the run of this time, after ending those under way where `replace` is set. */
  readonly fire?: { readonly at: number; readonly replace: boolean } | undefined;
  readonly notes: readonly CronNote[];
  /** When time alone will have changed the decision. */
  readonly againAt?: number | undefined;
}

/**
 * Pure: whether a run is to begin now. Of several times that were missed, the last one counts, unless it
 * is too late for that, too.
 *
 * Source: `syncCronJob` and `mostRecentScheduleTime` of `pkg/controller/cronjob` in Kubernetes.
 */
export function decideRun(scene: CronScene): CronDecision {
  const { schedule, startingDeadlineMs, concurrency, active, now } = scene;
  if (scene.isSuspended) return { notes: [] };
  const againAt = schedule.next(now);
  const { at, missed } = lastMissed(scene);
  const notes: CronNote[] = missed > MANY_MISSED ? [tooMany(missed)] : [];
  if (at === undefined) return { notes, againAt };
  if (startingDeadlineMs !== undefined && at + startingDeadlineMs < now)
    return { notes: [...notes, tooLate(at)], againAt };
  if (concurrency === 'Forbid' && active > 0) return { notes: [...notes, forbidden], againAt };
  return { notes, againAt, fire: { at, replace: concurrency === 'Replace' && active > 0 } };
}

interface Missed {
  readonly at?: number | undefined;
  /** How many times there were, about. */
  readonly missed: number;
}

function lastMissed({ schedule, since, startingDeadlineMs, now }: CronScene): Missed {
  const earliest =
    startingDeadlineMs === undefined ? since : Math.max(since, now - startingDeadlineMs);
  const first = schedule.next(earliest);
  if (first === undefined || first > now) return { missed: 0 };
  const second = schedule.next(first);
  if (second === undefined || second > now) return { at: first, missed: 1 };
  // after a long time away, not every time is counted one by one
  const missed = Math.floor((now - first) / (second - first)) + 1;
  const near = first + (missed - 2) * (second - first);
  let at = second;
  for (
    let next = schedule.next(near);
    next !== undefined && next <= now;
    next = schedule.next(next)
  )
    at = Math.max(at, next);
  return { at, missed };
}

function tooMany(missed: number): CronNote {
  const message = `too many missed start times: about ${missed}. Set or decrease .spec.startingDeadlineSeconds or check clock skew`;
  return { type: 'Warning', reason: 'TooManyMissedTimes', message };
}

function tooLate(at: number): CronNote {
  const message = `Missed scheduled time to start a job: ${new Date(at).toISOString()}`;
  return { type: 'Warning', reason: 'MissSchedule', message };
}

const forbidden: CronNote = {
  type: 'Normal',
  reason: 'JobAlreadyActive',
  message: 'Not starting job because prior execution is running and concurrency policy is Forbid',
};
