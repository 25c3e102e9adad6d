import type { JsonObject } from '../../json.ts';
import type { StatefulSet } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { amountOf } from '../workload/amount.ts';
import { hasEnded, isAvailable, isEnding, isReady } from '../workload/pod-state.ts';
import { ordinalOf, revisionOf } from './stateful-pod.ts';

/** A set and its pods at one moment. */
export interface StatefulScene {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  /** Names of the revision that pods are replaced from, and the one they are replaced by. */
  readonly current: string;
  readonly update: string;
  readonly now: number;
}

export type StatefulStep =
  | { readonly do: 'create'; readonly ordinal: number; readonly revision: string }
  | { readonly do: 'delete'; readonly pod: Pod };

/**
 * Pure: the next steps of a set towards what it says: pods from the first to the last, the surplus from
 * the last to the first, and then new ones for old from the last to the first.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees
 */
export function planStatefulSet(scene: StatefulScene): StatefulStep[] {
  const isParallel = scene.set.spec.podManagementPolicy === 'Parallel';
  const plan = isParallel ? [...planFill(scene), ...planSurplus(scene)] : planInOrder(scene);
  if (plan === 'wait') return [];
  return plan.length > 0 ? plan : planUpdate(scene);
}

function ordinalsOf({ spec }: StatefulSet): number[] {
  const start = spec.ordinals?.start ?? 0;
  return Array.from({ length: spec.replicas }, (_, index) => start + index);
}

function podAt({ set, pods }: StatefulScene, ordinal: number): Pod | undefined {
  return pods.find((pod) => ordinalOf(set, pod) === ordinal);
}

/** Pods whose number the set does not have any more, the last first. */
function surplusOf({ set, pods }: StatefulScene): Pod[] {
  const wanted = ordinalsOf(set);
  const number = (pod: Pod): number => ordinalOf(set, pod) ?? -1;
  return pods
    .filter((pod) => number(pod) >= 0 && !wanted.includes(number(pod)))
    .toSorted((one, other) => number(other) - number(one));
}

function planFill(scene: StatefulScene): StatefulStep[] {
  return ordinalsOf(scene.set).flatMap((ordinal) => fill(scene, ordinal) ?? []);
}

function fill(scene: StatefulScene, ordinal: number): StatefulStep | undefined {
  const pod = podAt(scene, ordinal);
  if (!pod) return { do: 'create', ordinal, revision: revisionFor(scene, ordinal) };
  return hasEnded(pod) && !isEnding(pod) ? { do: 'delete', pod } : undefined;
}

function planSurplus(scene: StatefulScene): StatefulStep[] {
  return surplusOf(scene)
    .filter((pod) => !isEnding(pod))
    .map((pod) => ({ do: 'delete', pod }));
}

/** One at a time, each only when those before it are available. */
function planInOrder(scene: StatefulScene): StatefulStep[] | 'wait' {
  for (const ordinal of ordinalsOf(scene.set)) {
    const step = fill(scene, ordinal);
    if (step) return [step];
    const pod = podAt(scene, ordinal);
    if (!pod || isEnding(pod) || !isHealthy(scene, pod)) return 'wait';
  }
  const [last] = surplusOf(scene);
  if (!last) return [];
  return isEnding(last) ? 'wait' : [{ do: 'delete', pod: last }];
}

/** A pod below the partition is made as it was. */
function revisionFor({ set, current, update }: StatefulScene, ordinal: number): string {
  const { updateStrategy, ordinals } = set.spec;
  const { partition = 0 } = updateStrategy.rollingUpdate ?? {};
  const isKept = ordinal < (ordinals?.start ?? 0) + partition;
  return updateStrategy.type === 'RollingUpdate' && isKept ? current : update;
}

function planUpdate(scene: StatefulScene): StatefulStep[] {
  const { set, update } = scene;
  const { updateStrategy, ordinals } = set.spec;
  if (updateStrategy.type !== 'RollingUpdate') return [];
  const { partition = 0, maxUnavailable = 1 } = updateStrategy.rollingUpdate ?? {};
  const from = (ordinals?.start ?? 0) + partition;
  const old = ordinalsOf(set)
    .filter((ordinal) => ordinal >= from)
    .toReversed()
    .flatMap((ordinal) => podAt(scene, ordinal) ?? [])
    .filter((pod) => revisionOf(pod) !== update && !isEnding(pod));
  const room = Math.max(1, amountOf(maxUnavailable, set.spec.replicas, 'up'));
  return old.slice(0, expendable(scene, old[0], room)).map((pod) => ({ do: 'delete', pod }));
}

/** One that is broken already is replaced without making anything worse. */
function expendable(scene: StatefulScene, next: Pod | undefined, room: number): number {
  const down = ordinalsOf(scene.set).filter((ordinal) => isDown(scene, ordinal));
  const isBroken = next !== undefined && !isHealthy(scene, next);
  return isBroken && down.length <= room ? 1 : Math.max(0, room - down.length);
}

function isDown(scene: StatefulScene, ordinal: number): boolean {
  const pod = podAt(scene, ordinal);
  return !pod || isEnding(pod) || !isHealthy(scene, pod);
}

function isHealthy({ set, now }: StatefulScene, pod: Pod): boolean {
  return isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
}

/** Pure: what is observed of a set. An update that has reached every pod becomes the current state. */
export function statefulStatus(scene: StatefulScene): JsonObject {
  const { set, pods, current, update } = scene;
  const own = pods.filter((pod) => ordinalOf(set, pod) !== undefined);
  const live = own.filter((pod) => !isEnding(pod) && !hasEnded(pod));
  const count = (holds: (pod: Pod) => boolean): number => live.filter(holds).length;
  const ready = count(isReady);
  const updated = count((pod) => revisionOf(pod) === update);
  const isRolling = set.spec.updateStrategy.type === 'RollingUpdate';
  const isWhole = [own.length, updated, ready].every((n) => n === set.spec.replicas);
  const isDone = isRolling && isWhole;
  const now = isDone || current === '' ? update : current;
  const counts = {
    readyReplicas: ready,
    currentReplicas: count((pod) => revisionOf(pod) === now),
    updatedReplicas: updated,
  };
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: own.length,
    ...Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0)),
    currentRevision: now,
    updateRevision: update,
    collisionCount: set.status?.collisionCount ?? 0,
    availableReplicas: count((pod) => isHealthy(scene, pod)),
  };
}
