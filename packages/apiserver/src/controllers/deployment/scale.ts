import type { Deployment, ReplicaSet } from '../client/kinds.ts';
import { createdAt } from '../workload/pod-state.ts';
import { desiredAnnotation, maxAnnotation, noted } from './revisions.ts';
import { isRolling, roomOf } from './room.ts';
import { scaleStep, total, type DeploymentStep, type Scene } from './step.ts';

/** Whether the deployment has another size by now than the one its sets were scaled for. */
export function isScaled({ deployment, sets }: Scene): boolean {
  return sets.some((set) => {
    const desired = noted(set, desiredAnnotation);
    return set.spec.replicas > 0 && desired !== undefined && desired !== deployment.spec.replicas;
  });
}

/**
 * Pure: a change of a deployment's size, shared out among its sets by theirs when a rollout is under way.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
 */
export function planScale(scene: Scene): DeploymentStep[] {
  const { deployment, sets, newSet } = scene;
  const { replicas } = deployment.spec;
  const active = sets.filter(({ spec }) => spec.replicas > 0);
  if (active.length <= 1) {
    const only = active[0] ?? newSet ?? sets.at(-1);
    return only ? scaleStep(deployment, only, replicas) : [];
  }
  if (newSet && isSaturated(deployment, newSet))
    return active.filter((set) => set !== newSet).flatMap((set) => scaleStep(deployment, set, 0));
  return isRolling(deployment) ? planShares(deployment, active) : [];
}

/** The newest set has all the pods, and they are available. */
function isSaturated({ spec }: Deployment, set: ReplicaSet): boolean {
  const available = set.status?.availableReplicas ?? 0;
  const desired = noted(set, desiredAnnotation);
  return [desired, set.spec.replicas, available].every((count) => count === spec.replicas);
}

function planShares(deployment: Deployment, active: readonly ReplicaSet[]): DeploymentStep[] {
  const { replicas } = deployment.spec;
  const allowed = replicas > 0 ? replicas + roomOf(deployment).surge : 0;
  const change = allowed - total(active);
  const sorted = active.toSorted(change > 0 ? largestNewest : largestOldest);
  let spent = 0;
  const sizes = sorted.map((set) => {
    const left = change - spent;
    const share = shareOf(deployment, set);
    const mine = change > 0 ? Math.min(share, left) : Math.max(share, left);
    spent += mine;
    return set.spec.replicas + mine;
  });
  const [largest = 0] = sizes;
  const rest = change - spent;
  return sorted.flatMap((set, index) =>
    scaleStep(deployment, set, index === 0 ? Math.max(0, largest + rest) : (sizes[index] ?? 0)),
  );
}

/** What a set gains or loses when the deployment's greatest size changes. */
function shareOf(deployment: Deployment, set: ReplicaSet): number {
  const { replicas } = deployment.spec;
  if (replicas === 0) return -set.spec.replicas;
  const before = noted(set, maxAnnotation) ?? deployment.status?.replicas ?? 0;
  if (before === 0) return 0;
  const greatest = replicas + roomOf(deployment).surge;
  return Math.round((set.spec.replicas * greatest) / before) - set.spec.replicas;
}

function largestNewest(one: ReplicaSet, other: ReplicaSet): number {
  return other.spec.replicas - one.spec.replicas || createdAt(other) - createdAt(one);
}

function largestOldest(one: ReplicaSet, other: ReplicaSet): number {
  return other.spec.replicas - one.spec.replicas || createdAt(one) - createdAt(other);
}
