import type { CronSchedule } from './cron-schedule.ts';

/** More missed times than this are told: the schedule may be wrong, or the clock. */
const MANY_MISSED = 100;

/** A CronJob at one moment. Times are milliseconds since the epoch. */
export interface CronScene {
  readonly schedule: CronSchedule;
  readonly startingDeadlineMs: number | undefined;
  /** `Allow`, `Forbid` or `Replace`. */
  readonly concurrency: string;
  /** The time of the last run, or of the making of the CronJob. */
  readonly since: number;
  /** Runs that have not ended. */
  readonly active: number;
  readonly now: number;
}

/** What is told of a CronJob, as an Event. */
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
 * Source: `syncCronJob` and `mostRecentScheduleTime` of `pkg/controller/cronjob` in Kubernetes, which
 * says nothing of what is too late.
 */
export function decideCron(scene: CronScene): CronDecision {
  const { schedule, startingDeadlineMs = Infinity, concurrency, active, since, now } = scene;
  const againAt = schedule.next(now);
  const due = lastDue(schedule, Math.max(since, now - startingDeadlineMs), now);
  if (!due) {
    const late = lastDue(schedule, since, now);
    return { notes: late ? [tooLate(late.at)] : [], againAt };
  }
  const notes = due.missed > MANY_MISSED ? [tooMany] : [];
  if (concurrency === 'Forbid' && active > 0) return { notes: [...notes, forbidden], againAt };
  return { notes, againAt, fire: { at: due.at, replace: concurrency === 'Replace' && active > 0 } };
}

interface Due {
  readonly at: number;
  /** How many times there were, about. */
  readonly missed: number;
}

/** The last time that has come. How many there were is a guess by the first interval. */
function lastDue(schedule: CronSchedule, since: number, now: number): Due | undefined {
  const at = schedule.last(since, now);
  const first = schedule.next(since);
  if (at === undefined || first === undefined) return undefined;
  const interval = (schedule.next(first) ?? Infinity) - first;
  return { at, missed: Math.floor((now - first) / interval) + 1 };
}

/** The schedule cannot be read, or there is no such time zone. */
export function unparseable(schedule: string, timeZone: string | undefined): CronNote {
  const zone = timeZone === undefined ? '' : ` in time zone ${JSON.stringify(timeZone)}`;
  const message = `unparseable schedule: ${JSON.stringify(schedule)}${zone}`;
  return { type: 'Warning', reason: 'UnparseableSchedule', message };
}

function tooLate(at: number): CronNote {
  const message = `Missed scheduled time to start a job: ${new Date(at).toUTCString()}`;
  return { type: 'Warning', reason: 'MissSchedule', message };
}

const tooMany: CronNote = {
  type: 'Warning',
  reason: 'TooManyMissedTimes',
  message:
    'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
};

const forbidden: CronNote = {
  type: 'Normal',
  reason: 'JobAlreadyActive',
  message: 'Not starting job because prior execution is running and concurrency policy is Forbid',
};
