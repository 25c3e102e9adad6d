import type { Job } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { hasEnded, isActive, isEnding, isReady } from '../workload/pod-state.ts';
import { handlingOf } from './failure-policy.ts';
import { failedIndexes } from './index-failures.ts';
import { formatIndexes, indexOf, parseIndexes } from './indexes.ts';

/** Keeps a pod until its job has counted it. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

/** How a job's pods have fared: those counted before, and those that are there. */
export interface Tally {
  readonly active: readonly Pod[];
  readonly ready: number;
  /** Being deleted and not yet gone. */
  readonly terminating: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Uids of pods that have ended and still have the finalizer. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  /** Only of an indexed job. */
  readonly completedIndexes: ReadonlySet<number>;
  /** Only of a job with a limit for each index. */
  readonly failedIndexes: ReadonlySet<number>;
  /** Why the job has failed at once; empty when no pod says so. */
  readonly failedBy: string;
  /** Pods that are to lose the finalizer once `uncounted` is stored. */
  readonly counted: readonly Pod[];
}

/**
 * Pure: counts pods so that none is lost and none counted twice, wherever a crash comes between storing
 * what has ended, letting the pods go, and adding them up.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers
 */
export function tallyOf(job: Job, pods: readonly Pod[]): Tally {
  const { status = {} } = job;
  const held = pods.filter(isHeld);
  const heldUids = new Set(held.map(({ metadata }) => metadata.uid));
  const before = status.uncountedTerminatedPods ?? {};
  const released = (uids: readonly string[] = []): number =>
    uids.filter((uid) => !heldUids.has(uid)).length;
  const ended = held.filter((pod) => outcomeOf(job, pod) !== undefined);
  const uncounted = {
    succeeded: uidsOf(ended.filter((pod) => outcomeOf(job, pod) === 'succeeded')),
    failed: uidsOf(ended.filter((pod) => outcomeOf(job, pod) === 'failed' && counts(job, pod))),
  };
  const active = pods.filter(isActive);
  const completedIndexes = completed(job, pods);
  const isIndexed = job.spec.completionMode === 'Indexed';
  return {
    active,
    ready: active.filter(isReady).length,
    terminating: pods.filter((pod) => isEnding(pod) && !hasEnded(pod)).length,
    succeeded: isIndexed
      ? completedIndexes.size
      : (status.succeeded ?? 0) + released(before.succeeded),
    failed: (status.failed ?? 0) + released(before.failed),
    uncounted,
    completedIndexes,
    failedIndexes: failedIndexes(job, pods),
    failedBy: failedBy(job, ended),
    counted: ended,
  };
}

/** How many have succeeded or failed in all, those that are not yet added up included. */
export function succeededOf(job: Job, { succeeded, uncounted }: Tally): number {
  const isIndexed = job.spec.completionMode === 'Indexed';
  return succeeded + (isIndexed ? 0 : uncounted.succeeded.length);
}

export function failedOf({ failed, uncounted }: Tally): number {
  return failed + uncounted.failed.length;
}

export function isHeld({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

function counts(job: Job, pod: Pod): boolean {
  return handlingOf(job, pod).action !== 'Ignore';
}

function failedBy(job: Job, ended: readonly Pod[]): string {
  const failed = ended.filter(({ status }) => status?.phase === 'Failed');
  const fatal = failed
    .map((pod) => handlingOf(job, pod))
    .find(({ action }) => action === 'FailJob');
  return fatal?.why ?? '';
}

/** A pod that is deleted while it runs has failed, unless only failed pods are replaced. */
function outcomeOf({ spec }: Job, pod: Pod): 'succeeded' | 'failed' | undefined {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded') return 'succeeded';
  if (phase === 'Failed') return 'failed';
  return isEnding(pod) && spec.podReplacementPolicy !== 'Failed' ? 'failed' : undefined;
}

function completed({ spec, status }: Job, pods: readonly Pod[]): ReadonlySet<number> {
  if (spec.completionMode !== 'Indexed') return new Set();
  const succeeded = pods.filter((pod) => pod.status?.phase === 'Succeeded' && isHeld(pod));
  const now = succeeded.flatMap((pod) => indexOf(pod) ?? []);
  const all = [...parseIndexes(status?.completedIndexes ?? ''), ...now];
  return new Set(all.filter((index) => index < (spec.completions ?? 0)));
}

export function indexText({ completedIndexes }: Tally): string {
  return formatIndexes(completedIndexes);
}

function uidsOf(pods: readonly Pod[]): readonly string[] {
  return pods.map(({ metadata }) => metadata.uid);
}
