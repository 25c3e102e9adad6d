import type { Job } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { createdAt, hasEnded, isEnding } from '../workload/pod-state.ts';
import { indexOf } from './indexes.ts';
import { succeededOf, type Tally } from './tally.ts';

/** Pods begun in one turn. */
const maxBegun = 500;
const firstBackoffMs = 10_000;
const maxBackoffMs = 600_000;

export interface JobPlan {
  /** Indexes to begin; undefined for each pod of a job without indexes. */
  readonly create: readonly (number | undefined)[];
  /** Pods too many: they go uncounted. */
  readonly remove: readonly Pod[];
  /** Nothing is begun until then, milliseconds. */
  readonly waitMs?: number;
}

/** Pure: the pods that a job that goes on needs now. */
export function planPods(job: Job, pods: readonly Pod[], tally: Tally, now: number): JobPlan {
  const { parallelism, suspend, podReplacementPolicy } = job.spec;
  const { active, terminating } = tally;
  if (suspend === true) return { create: [], remove: active };
  const wanted = wantedActive(job, tally);
  const most = Math.min(wanted, parallelism);
  if (active.length > most) return { create: [], remove: surplus(active, active.length - most) };
  const replaced = podReplacementPolicy === 'Failed' ? terminating : 0;
  const missing = Math.min(wanted - active.length - replaced, maxBegun);
  if (missing <= 0) return { create: [], remove: [] };
  if (job.spec.backoffLimitPerIndex !== undefined)
    return { ...eachInTime(begun(job, pods, tally), pods, now, missing), remove: [] };
  const waitMs = backoffMs(pods, now);
  if (waitMs > 0) return { create: [], remove: [], waitMs };
  if (job.spec.completionMode !== 'Indexed')
    return { create: Array.from({ length: missing }, () => undefined), remove: [] };
  return { create: begun(job, pods, tally).slice(0, missing), remove: [] };
}

/** Each index waits for itself alone. */
function eachInTime(
  indexes: readonly number[],
  pods: readonly Pod[],
  now: number,
  count: number,
): Pick<JobPlan, 'create' | 'waitMs'> {
  const waits = indexes.map((index) => ({
    index,
    waitMs: backoffMs(
      pods.filter((pod) => indexOf(pod) === index),
      now,
    ),
  }));
  const create = waits.filter(({ waitMs }) => waitMs <= 0).map(({ index }) => index);
  const later = waits.filter(({ waitMs }) => waitMs > 0).map(({ waitMs }) => waitMs);
  return {
    create: create.slice(0, count),
    ...(later.length === 0 ? {} : { waitMs: Math.min(...later) }),
  };
}

function wantedActive(job: Job, tally: Tally): number {
  const { completions, parallelism } = job.spec;
  const succeeded = succeededOf(job, tally);
  if (completions === undefined) return succeeded > 0 ? tally.active.length : parallelism;
  const left = completions - succeeded - tally.failedIndexes.size;
  return Math.max(0, Math.min(left, parallelism));
}

function surplus(active: readonly Pod[], count: number): readonly Pod[] {
  return active.toSorted((one, other) => createdAt(other) - createdAt(one)).slice(0, count);
}

/** The indexes that have neither ended nor a pod. */
function begun(
  { spec }: Job,
  pods: readonly Pod[],
  { completedIndexes, failedIndexes }: Tally,
): readonly number[] {
  const waitsForEnd = spec.podReplacementPolicy === 'Failed';
  const busy = pods.filter((pod) => !hasEnded(pod) && (waitsForEnd || !isEnding(pod)));
  const over = [...completedIndexes, ...failedIndexes];
  const taken = new Set([...over, ...busy.flatMap((pod) => indexOf(pod) ?? [])]);
  const all = Array.from({ length: spec.completions ?? 0 }, (_, index) => index);
  return all.filter((index) => !taken.has(index));
}

/** After failures in a row, the longer the more there were. */
function backoffMs(pods: readonly Pod[], now: number): number {
  const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded').map(endedAt);
  const lastSuccess = Math.max(0, ...succeeded);
  const failures = pods
    .filter(({ status }) => status?.phase === 'Failed')
    .map(endedAt)
    .filter((at) => at > lastSuccess);
  if (failures.length === 0) return 0;
  const delay = Math.min(maxBackoffMs, firstBackoffMs * 2 ** (failures.length - 1));
  return Math.max(...failures) + delay - now;
}

function endedAt(pod: Pod): number {
  const times = (pod.status?.containerStatuses ?? []).map(
    ({ state }) => Date.parse(state?.terminated?.finishedAt ?? '') || 0,
  );
  return Math.max(createdAt(pod), ...times);
}
