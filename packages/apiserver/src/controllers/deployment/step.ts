import type { JsonObject } from '../../json.ts';
import type { Deployment, ReplicaSet } from '../client/kinds.ts';
import { annotationsFor, desiredAnnotation, maxAnnotation } from './revisions.ts';

/** A deployment and what there is of it. */
export interface Scene {
  readonly deployment: Deployment;
  /** Its own, oldest first. */
  readonly sets: readonly ReplicaSet[];
  /** The one of `sets` that runs what the deployment says now. */
  readonly newSet: ReplicaSet | undefined;
  /** Whether pods of other sets than the newest are still there. */
  readonly oldPodsRun: boolean;
}

/** One thing to do, in the order of a plan. */
export type DeploymentStep =
  | { readonly do: 'create-set'; readonly body: JsonObject }
  /** Says of an existing set what its deployment says now. */
  | { readonly do: 'describe-set'; readonly set: ReplicaSet; readonly revision: number }
  | { readonly do: 'scale-set'; readonly set: ReplicaSet; readonly replicas: number }
  | { readonly do: 'delete-set'; readonly set: ReplicaSet }
  | { readonly do: 'number-deployment'; readonly revision: string };

export function total(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { spec }) => sum + spec.replicas, 0);
}

export function totalAvailable(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
}

/** Gives a set another size, or notes the deployment's size on it; nothing when both are as they are. */
export function scaleStep(
  deployment: Deployment,
  set: ReplicaSet,
  replicas: number,
): DeploymentStep[] {
  const before = set.metadata.annotations ?? {};
  const after = annotationsFor(deployment, before);
  const isNoted = [desiredAnnotation, maxAnnotation].every((key) => before[key] === after[key]);
  return isNoted && set.spec.replicas === replicas ? [] : [{ do: 'scale-set', set, replicas }];
}
