import type { ReplicaSet, ReplicaSetStatus } from '../client/kinds.ts';
import type { Condition, Pod } from '../client/objects.ts';
import { withCondition, withoutCondition } from '../workload/condition.ts';
import { createdAt, isActive, isAvailable, isReady } from '../workload/pod-state.ts';

/** Pods made or deleted in one turn; the rest comes in the next. */
export const burstReplicas = 500;

export interface ReplicaPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** Pure: what brings the number of pods to what is wanted. */
export function planReplicas(replicas: number, owned: readonly Pod[]): ReplicaPlan {
  const active = owned.filter(isActive);
  const missing = replicas - active.length;
  if (missing >= 0) return { create: Math.min(missing, burstReplicas), remove: [] };
  const remove = byWorth(active).slice(0, Math.min(-missing, burstReplicas));
  return { create: 0, remove };
}

const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** The pods that are missed least come first. */
function byWorth(pods: readonly Pod[]): readonly Pod[] {
  const onNode = new Map<string, number>();
  for (const { spec } of pods)
    onNode.set(spec.nodeName ?? '', (onNode.get(spec.nodeName ?? '') ?? 0) + 1);
  const ranked = pods.map((pod) => ({ pod, worth: worthOf(pod, onNode) }));
  return ranked.toSorted((one, other) => compare(one.worth, other.worth)).map(({ pod }) => pod);
}

/**
 * Compared number by number; the lower goes first: not bound, not running, not ready, cheap to delete,
 * crowded, ready for a short time, restarted often, young.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 */
function worthOf(pod: Pod, onNode: ReadonlyMap<string, number>): readonly number[] {
  const { spec, status } = pod;
  const node = spec.nodeName ?? '';
  return [
    node === '' ? 0 : 1,
    phases[status?.phase ?? ''] ?? 0,
    isReady(pod) ? 1 : 0,
    deletionCost(pod),
    -(onNode.get(node) ?? 0),
    -readySince(pod),
    -restarts(pod),
    -createdAt(pod),
  ];
}

function deletionCost({ metadata }: Pod): number {
  const cost = Number(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0);
  return Number.isFinite(cost) ? cost : 0;
}

function restarts({ status }: Pod): number {
  const counts = (status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount);
  return Math.max(0, ...counts);
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((worth, index) => worth !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

function readySince({ status }: Pod): number {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return Date.parse(ready?.lastTransitionTime ?? '') || 0;
}

/** A set could not make or delete pods, and why. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/** Pure: what is observed of a set and its pods. */
export function replicaSetStatus(
  set: ReplicaSet,
  owned: readonly Pod[],
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetStatus {
  const active = owned.filter(isActive);
  const labels = Object.entries(set.spec.template.metadata?.labels ?? {});
  const fullyLabeled = active.filter(({ metadata }) =>
    labels.every(([key, value]) => metadata.labels?.[key] === value),
  );
  const ready = active.filter(isReady);
  const available = active.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now));
  const conditions = failureConditions(set.status?.conditions, failure, now);
  return {
    replicas: active.length,
    ...counted('fullyLabeledReplicas', fullyLabeled.length),
    ...counted('readyReplicas', ready.length),
    ...counted('availableReplicas', available.length),
    ...counted('observedGeneration', set.metadata.generation ?? 0),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** The first failure stays: in the words of the next is another pod's name, and no end of changes. */
function failureConditions(
  before: Condition[] | undefined,
  failure: ReplicaFailure | undefined,
  now: number,
): Condition[] {
  const type = 'ReplicaFailure';
  if (!failure) return withoutCondition(before, type);
  if (before?.some((condition) => condition.type === type)) return before;
  return withCondition(before, { type, status: 'True', ...failure }, now);
}

/** As the API writes optional numbers: not at all when nothing is counted. */
function counted(field: string, count: number): Readonly<Record<string, number>> {
  return count === 0 ? {} : { [field]: count };
}
