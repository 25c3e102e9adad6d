import { sameJson } from '../../json.ts';
import type { ReplicaSet } from '../client/kinds.ts';
import {
  describedSet,
  draftSet,
  nextRevision,
  revisionAnnotation,
  revisionOf,
} from './revisions.ts';
import { isRolling, roomOf } from './room.ts';
import { isScaled, planScale } from './scale.ts';
import { scaleStep, total, type DeploymentStep, type Scene } from './step.ts';

/**
 * Pure: the next safe steps of a deployment towards what it says. An empty plan means that it is there,
 * or waits for pods.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
 */
export function planDeployment(scene: Scene): DeploymentStep[] {
  const { deployment } = scene;
  if (deployment.metadata.deletionTimestamp !== undefined) return [];
  if (deployment.spec.paused === true) return [...planNumber(scene), ...planScale(scene)];
  if (isScaled(scene)) return [...planNumber(scene), ...planScale(scene)];
  const steps = isRolling(deployment) ? planRoll(scene) : planRecreate(scene);
  return steps.length > 0 ? steps : planHistory(scene);
}

function oldSetsOf({ sets, newSet }: Scene): readonly ReplicaSet[] {
  return sets.filter((set) => set !== newSet);
}

/** Numbers the newest set and the deployment; makes the set when there is none. */
function planNewSet(scene: Scene): DeploymentStep[] {
  if (scene.newSet) return planNumber(scene);
  const { deployment } = scene;
  const revision = nextRevision(oldSetsOf(scene));
  const body = draftSet(deployment, revision, newSize(scene, 0));
  return [{ do: 'create-set', body }];
}

function planNumber(scene: Scene): DeploymentStep[] {
  const { deployment, newSet } = scene;
  if (!newSet) return [];
  const revision = nextRevision(oldSetsOf(scene));
  if (!sameJson(describedSet(deployment, newSet, revision), newSet))
    return [{ do: 'describe-set', set: newSet, revision }];
  const number = String(revisionOf(newSet));
  const isNumbered = deployment.metadata.annotations?.[revisionAnnotation] === number;
  return isNumbered ? [] : [{ do: 'number-deployment', revision: number }];
}

/** How large the newest set may be now. */
function newSize({ deployment, sets }: Scene, size: number): number {
  const { replicas } = deployment.spec;
  if (!isRolling(deployment)) return replicas;
  const room = replicas + roomOf(deployment).surge - total(sets);
  return room <= 0 ? size : size + Math.min(room, replicas - size);
}

function planRoll(scene: Scene): DeploymentStep[] {
  const { deployment, newSet } = scene;
  const numbering = planNewSet(scene);
  if (!newSet || numbering.length > 0) return numbering;
  const { replicas } = deployment.spec;
  const size = newSet.spec.replicas;
  const wanted = size > replicas ? replicas : newSize(scene, size);
  if (wanted !== size) return scaleStep(deployment, newSet, wanted);
  return planShrink(scene, newSet);
}

/** Takes from the old sets what is not needed to stay available, what is broken first. */
function planShrink(scene: Scene, newSet: ReplicaSet): DeploymentStep[] {
  const { deployment, sets } = scene;
  const oldSets = oldSetsOf(scene).filter(({ spec }) => spec.replicas > 0);
  const floor = deployment.spec.replicas - roomOf(deployment).unavailable;
  const notYet = newSet.spec.replicas - (newSet.status?.availableReplicas ?? 0);
  const most = total(sets) - floor - notYet;
  if (oldSets.length === 0 || most <= 0) return [];
  const cleaned = shrink(oldSets, most, ({ set }) =>
    Math.max(0, set.spec.replicas - (set.status?.availableReplicas ?? 0)),
  );
  const spare = sets.reduce((sum, set) => sum + surelyAvailable(set), 0) - floor;
  const shrunk = shrink(cleaned, Math.max(0, spare), ({ replicas }) => replicas);
  return shrunk.flatMap(({ set, replicas }) =>
    replicas === set.spec.replicas ? [] : scaleStep(deployment, set, replicas),
  );
}

/** A set that has just been made smaller may not have said so yet. */
function surelyAvailable({ spec, status }: ReplicaSet): number {
  return Math.min(spec.replicas, status?.availableReplicas ?? 0);
}

interface Sized {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

function shrink(
  sets: readonly (ReplicaSet | Sized)[],
  most: number,
  expendable: (sized: Sized) => number,
): readonly Sized[] {
  let left = most;
  return sets.map((one) => {
    const sized = 'set' in one ? (one as Sized) : { set: one, replicas: one.spec.replicas };
    const less = Math.min(left, expendable(sized));
    left -= less;
    return { ...sized, replicas: sized.replicas - less };
  });
}

/** All of the old goes before any of the new comes. */
function planRecreate(scene: Scene): DeploymentStep[] {
  const { deployment, newSet, oldPodsRun } = scene;
  const ending = oldSetsOf(scene)
    .filter(({ spec }) => spec.replicas > 0)
    .flatMap((set) => scaleStep(deployment, set, 0));
  if (ending.length > 0) return [...planNumber(scene), ...ending];
  if (oldPodsRun) return planNumber(scene);
  const numbering = planNewSet(scene);
  if (!newSet || numbering.length > 0) return numbering;
  return scaleStep(deployment, newSet, deployment.spec.replicas);
}

/** Once it is there: forgets the oldest of the sets that hold nothing any more. */
function planHistory(scene: Scene): DeploymentStep[] {
  const { deployment, newSet } = scene;
  const { replicas, revisionHistoryLimit } = deployment.spec;
  const isThere = (newSet?.status?.availableReplicas ?? 0) >= replicas;
  if (!isThere || revisionHistoryLimit === undefined) return [];
  const oldSets = oldSetsOf(scene).filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  );
  return oldSets
    .toSorted((one, other) => revisionOf(one) - revisionOf(other))
    .slice(0, Math.max(0, oldSets.length - revisionHistoryLimit))
    .filter(isEmpty)
    .map((set) => ({ do: 'delete-set', set }));
}

function isEmpty({ metadata, spec, status }: ReplicaSet): boolean {
  const isObserved = (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);
  return spec.replicas === 0 && (status?.replicas ?? 0) === 0 && isObserved;
}
