import type { Uid } from '@skerry/shared/names';
import type { PodPhase } from '../pods/pod.ts';

/** Retries of a Job that does not say how many. */
const DEFAULT_BACKOFF_LIMIT = 6;
const RETRY_FIRST_MS = 10_000;
const RETRY_MAX_MS = 360_000;

/** One run of a CronJob: a Job. Times are milliseconds since the epoch. */
export interface JobRun {
  /** As Kubernetes names it: the CronJob's name and the scheduled time in minutes. */
  readonly name: string;
  readonly uid: Uid;
  readonly scheduledAt: number;
  readonly startedAt: number;
  /** Pods of it that have failed. */
  readonly failures: number;
  /** Name of the pod that runs or ran last. */
  readonly pod: string;
  readonly state: JobState;
}

export type JobState =
  | { readonly phase: 'active' }
  /** Its pod has failed; the next one comes at `at`. */
  | { readonly phase: 'waiting'; readonly at: number }
  | { readonly phase: 'complete'; readonly finishedAt: number }
  | { readonly phase: 'failed'; readonly finishedAt: number; readonly reason: string };

export function isUnderWay({ state }: JobRun): boolean {
  return state.phase === 'active' || state.phase === 'waiting';
}

/**
 * Pure: the run after its pod has come to `phase`.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
 */
export function afterPod(
  run: JobRun,
  phase: PodPhase | undefined,
  backoffLimit: number = DEFAULT_BACKOFF_LIMIT,
  now: number,
): JobRun {
  if (run.state.phase !== 'active') return run;
  if (phase === 'Succeeded') return { ...run, state: { phase: 'complete', finishedAt: now } };
  if (phase !== 'Failed') return run;
  const failures = run.failures + 1;
  if (failures > backoffLimit) {
    const reason = 'BackoffLimitExceeded';
    return { ...run, failures, state: { phase: 'failed', finishedAt: now, reason } };
  }
  const at = now + Math.min(RETRY_FIRST_MS * 2 ** (failures - 1), RETRY_MAX_MS);
  return { ...run, failures, state: { phase: 'waiting', at } };
}

/** Pure: the ended runs that history has no room for, the oldest first. */
export function beyondHistory(
  runs: readonly JobRun[],
  limits: { readonly successful: number; readonly failed: number },
): JobRun[] {
  const beyond = (phase: JobState['phase'], limit: number): JobRun[] => {
    const ended = runs.filter(({ state }) => state.phase === phase);
    return ended
      .toSorted((a, b) => a.scheduledAt - b.scheduledAt)
      .slice(0, Math.max(0, ended.length - limit));
  };
  return [...beyond('complete', limits.successful), ...beyond('failed', limits.failed)];
}

/** `name` of a run, for the time at which it was to begin. */
export function runName(cronJob: string, scheduledAt: number): string {
  return `${cronJob}-${Math.floor(scheduledAt / 60_000)}`;
}
