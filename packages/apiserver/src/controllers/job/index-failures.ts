import type { Job } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { handlingOf } from './failure-policy.ts';
import { indexOf, parseIndexes } from './indexes.ts';

/** How often the pods of an index had failed before this one. */
export const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';

/** How often an index has failed with a pod that has. */
export function failuresWith(job: Job, pod: Pod): number {
  const before = Number(pod.metadata.annotations?.[failureCountKey] ?? 0);
  return before + (handlingOf(job, pod).action === 'Ignore' ? 0 : 1);
}

/** How often an index has failed so far: its newest failed pod knows. */
export function failuresOf(job: Job, pods: readonly Pod[], index: number): number {
  const failed = pods.filter((pod) => indexOf(pod) === index && hasFailed(pod));
  return Math.max(0, ...failed.map((pod) => failuresWith(job, pod)));
}

/**
 * Pure: the indexes of a job that will not be tried again, each by a limit of its own.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#backoff-limit-per-index
 */
export function failedIndexes(job: Job, pods: readonly Pod[]): ReadonlySet<number> {
  const { backoffLimitPerIndex: limit, completions = 0 } = job.spec;
  if (limit === undefined) return new Set();
  const now = pods
    .filter(hasFailed)
    .filter((pod) => handlingOf(job, pod).action === 'FailIndex' || failuresWith(job, pod) > limit)
    .flatMap((pod) => indexOf(pod) ?? []);
  const all = [...parseIndexes(job.status?.failedIndexes ?? ''), ...now];
  return new Set(all.filter((index) => index < completions));
}

function hasFailed({ status }: Pod): boolean {
  return status?.phase === 'Failed';
}
