import type { Job } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { ruleFulfilled } from './success-policy.ts';
import { failedOf, succeededOf, type Tally } from './tally.ts';

/** Why a job is over, or is about to be. */
export interface JobEnd {
  readonly outcome: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

const outcomes = ['Complete', 'Failed'] as const;

/** How a job has ended; undefined while it has not. */
export function endOf({ status }: Job): 'Complete' | 'Failed' | undefined {
  return outcomes.find((type) => isTrue(status, type));
}

/** Pure: whether a job is to end now. What was decided once stands. */
export function judgeJob(job: Job, tally: Tally, now: number): JobEnd | undefined {
  return decided(job) ?? failure(job, tally, now) ?? success(job, tally);
}

/** @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions */
function decided({ status }: Job): JobEnd | undefined {
  for (const [type, outcome] of [
    ['FailureTarget', 'Failed'],
    ['SuccessCriteriaMet', 'Complete'],
  ] as const) {
    const found = status?.conditions?.find((one) => one.type === type && one.status === 'True');
    if (found) return { outcome, reason: found.reason ?? '', message: found.message ?? '' };
  }
  return undefined;
}

function failed(reason: string, message: string): JobEnd {
  return { outcome: 'Failed', reason, message };
}

function failure(job: Job, tally: Tally, now: number): JobEnd | undefined {
  const { backoffLimit } = job.spec;
  if (tally.failedBy !== '') return failed('PodFailurePolicy', tally.failedBy);
  if (failedOf(tally) > backoffLimit || restartsTooOften(job, tally.active))
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  const left = untilDeadlineMs(job, now);
  if (left !== undefined && left <= 0)
    return failed('DeadlineExceeded', 'Job was active longer than specified deadline');
  return indexFailure(job, tally);
}

/** Too many indexes have failed, or all are over and some have. */
function indexFailure({ spec }: Job, tally: Tally): JobEnd | undefined {
  const count = tally.failedIndexes.size;
  if (spec.maxFailedIndexes !== undefined && count > spec.maxFailedIndexes)
    return failed(
      'MaxFailedIndexesExceeded',
      'Job has exceeded the specified maximal number of failed indexes',
    );
  const areAllOver = count > 0 && count + tally.completedIndexes.size >= (spec.completions ?? 0);
  return areAllOver ? failed('FailedIndexes', 'Job has failed indexes') : undefined;
}

/** Pods that restart their containers themselves are counted by their restarts. */
function restartsTooOften({ spec }: Job, active: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const statuses = active.flatMap(({ status }) => [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
  ]);
  const restarts = statuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  return spec.backoffLimit === 0 ? restarts > 0 : restarts >= spec.backoffLimit;
}

function success(job: Job, tally: Tally): JobEnd | undefined {
  const { completions } = job.spec;
  const rule = ruleFulfilled(job, tally.completedIndexes);
  if (rule !== undefined) {
    const message = `Matched rules at index ${rule}`;
    return { outcome: 'Complete', reason: 'SuccessPolicy', message };
  }
  const succeeded = succeededOf(job, tally);
  const isEnough =
    completions === undefined
      ? succeeded > 0 && tally.active.length === 0
      : succeeded >= completions;
  if (!isEnough) return undefined;
  const message = 'Reached expected number of succeeded pods';
  return { outcome: 'Complete', reason: 'CompletionsReached', message };
}

/** Milliseconds until a job has run for too long; undefined without such a limit. */
export function untilDeadlineMs({ spec, status }: Job, now: number): number | undefined {
  const start = Date.parse(status?.startTime ?? '');
  const { activeDeadlineSeconds, suspend } = spec;
  if (activeDeadlineSeconds === undefined || suspend === true || Number.isNaN(start))
    return undefined;
  return start + activeDeadlineSeconds * 1000 - now;
}

/** Milliseconds until a job that has ended may be deleted; undefined while it may stay. */
export function untilExpiryMs(job: Job, now: number): number | undefined {
  const { ttlSecondsAfterFinished: seconds } = job.spec;
  const outcome = endOf(job);
  if (seconds === undefined || outcome === undefined) return undefined;
  const end = job.status?.conditions?.find(({ type }) => type === outcome);
  return (Date.parse(end?.lastTransitionTime ?? '') || 0) + seconds * 1000 - now;
}

function isTrue(status: Job['status'], type: string): boolean {
  return status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
}
