import type { CronSchedule } from '@skerry/shared/cron-schedule';

/** Missed times beyond which something is wrong, as Kubernetes counts. */
const tooManyMissed = 100;
const firstLookBackMs = 60_000;

/** A CronJob at one moment; times are milliseconds since the epoch. */
export interface CronScene {
  readonly schedule: CronSchedule;
  /** When it was made, or last began a job. */
  readonly since: number;
  readonly lastScheduled: number | undefined;
  readonly deadlineMs: number | undefined;
  readonly concurrency: string;
  /** Jobs that run now. */
  readonly active: number;
  readonly now: number;
}

export interface CronNews {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface CronDecision {
  /** The time for which a job is to be begun now. */
  readonly begin?: number;
  /** Jobs that run are to be deleted before. */
  readonly replaces?: boolean;
  readonly news: readonly CronNews[];
  /** When to look again; absent when there will be no such time. */
  readonly againAt?: number;
}

/**
 * Pure: whether it is time for a job. Of several times that were missed only the last counts, and not
 * even that one when it is longer ago than the deadline.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#deadline-for-delayed-job-start
 */
export function decideCron(scene: CronScene): CronDecision {
  const { schedule, now, concurrency, active } = scene;
  const next = schedule.next(now);
  const again = next === undefined ? {} : { againAt: next };
  const due = lastDue(scene);
  if (due === undefined || due === scene.lastScheduled) return { news: [], ...again };
  const news = missedTooOften(scene, due);
  if (scene.deadlineMs !== undefined && due + scene.deadlineMs < now)
    return { news: [...news, tooLate(due)], ...again };
  if (concurrency === 'Forbid' && active > 0) return { news: [...news, stillRuns], ...again };
  return { begin: due, replaces: concurrency === 'Replace' && active > 0, news, ...again };
}

const stillRuns: CronNews = {
  type: 'Normal',
  reason: 'JobAlreadyActive',
  message: 'Not starting job because prior execution is running and concurrency policy is Forbid',
};

function tooLate(due: number): CronNews {
  const time = new Date(due).toUTCString();
  return {
    type: 'Warning',
    reason: 'MissSchedule',
    message: `Missed scheduled time to start a job: ${time}`,
  };
}

/** The last time of the schedule that has come; looks back further and further. */
function lastDue({ schedule, since, now }: CronScene): number | undefined {
  for (let back = firstLookBackMs; ; back *= 4) {
    const from = Math.max(since, now - back);
    let due = schedule.next(from);
    if (due !== undefined && due <= now) {
      for (
        let next = schedule.next(due);
        next !== undefined && next <= now;
        next = schedule.next(due)
      )
        due = next;
      return due;
    }
    if (from === since) return undefined;
  }
}

function missedTooOften({ schedule, since }: CronScene, due: number): CronNews[] {
  let time = schedule.next(since);
  for (let missed = 0; time !== undefined && time < due; time = schedule.next(time))
    if (++missed > tooManyMissed)
      return [
        {
          type: 'Warning',
          reason: 'TooManyMissedTimes',
          message:
            'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
        },
      ];
  return [];
}
