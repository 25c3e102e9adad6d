import { kubeTime } from '@skerry/shared/clock';
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
} from '../client/kinds.ts';
import type { Saying } from '../workload/condition.ts';
import { isRolling, roomOf } from './room.ts';
import { total, totalAvailable } from './step.ts';

/** A deadline that is none. */
const noDeadline = 2 ** 31 - 1;

/** What a status is computed from. */
export interface Observed {
  readonly deployment: Deployment;
  readonly sets: readonly ReplicaSet[];
  readonly newSet: ReplicaSet | undefined;
  /** The newest set was made in this turn. */
  readonly isNew: boolean;
  /** A set could not be made. */
  readonly failure?: string | undefined;
  readonly now: number;
}

/**
 * Pure: what is observed of a deployment.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
export function deploymentStatus(observed: Observed): DeploymentStatus {
  const counted = countsOf(observed);
  const conditions = conditionsOf(observed, counted);
  return { ...counted, ...(conditions.length === 0 ? {} : { conditions }) };
}

/** When the status must be looked at again because a deadline passes, milliseconds from `now`. */
export function untilDeadlineMs(
  { deployment, now }: Pick<Observed, 'deployment' | 'now'>,
  status: DeploymentStatus,
): number | undefined {
  const progressing = find(status.conditions, 'Progressing');
  const since = Date.parse(progressing?.lastUpdateTime ?? '');
  if (!hasDeadline(deployment) || deployment.spec.paused === true || Number.isNaN(since))
    return undefined;
  const isSettled = ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded'].includes(
    progressing?.reason ?? '',
  );
  if (isSettled) return undefined;
  const deadlineMs = (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;
  return Math.max(0, since + deadlineMs - now) + 1000; // times in a status are whole seconds
}

function countsOf({ deployment, sets, newSet }: Observed): DeploymentStatus {
  const available = totalAvailable(sets);
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sets.reduce((sum, { status }) => sum + (status?.replicas ?? 0), 0),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sets.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, total(sets) - available),
    collisionCount: deployment.status?.collisionCount ?? 0,
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

type Conditions = readonly DeploymentCondition[];

function conditionsOf(observed: Observed, counted: DeploymentStatus): DeploymentCondition[] {
  const { deployment, newSet, isNew, failure, now } = observed;
  let conditions: Conditions = deployment.status?.conditions ?? [];
  const isTold = find(conditions, 'Progressing') !== undefined;
  if (newSet && (isNew || !isTold)) conditions = say(conditions, begun(newSet, isNew), now);
  conditions = say(conditions, availability(deployment, counted), now);
  conditions = progress(observed, counted, conditions);
  const failed = failure ?? setFailure(observed.sets);
  if (failed === undefined) return conditions.filter(({ type }) => type !== 'ReplicaFailure');
  const saying = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' } as const;
  return [...say(conditions, { ...saying, message: failed }, now)];
}

function begun({ metadata }: ReplicaSet, isNew: boolean): Saying {
  return {
    type: 'Progressing',
    status: 'True',
    reason: isNew ? 'NewReplicaSetCreated' : 'FoundNewReplicaSet',
    message: `${isNew ? 'Created' : 'Found'} new replica set "${metadata.name}"`,
  };
}

function availability(deployment: Deployment, counted: DeploymentStatus): Saying {
  const needed =
    deployment.spec.replicas - (isRolling(deployment) ? roomOf(deployment).unavailable : 0);
  const isAvailable = (counted.availableReplicas ?? 0) >= needed;
  return {
    type: 'Available',
    status: isAvailable ? 'True' : 'False',
    reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${isAvailable ? 'has' : 'does not have'} minimum availability.`,
  };
}

function progress(
  observed: Observed,
  counted: DeploymentStatus,
  conditions: Conditions,
): Conditions {
  const { deployment, now } = observed;
  if (!hasDeadline(deployment)) return conditions.filter(({ type }) => type !== 'Progressing');
  const pausing = pauseSaying(deployment, find(conditions, 'Progressing'));
  if (pausing) return say(conditions, pausing, now);
  if (deployment.spec.paused === true) return conditions;
  const current = find(conditions, 'Progressing');
  const isDone =
    counted.replicas === counted.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (isDone) return conditions;
  const saying = progressSaying(observed, counted, current);
  return saying ? say(conditions, saying, now, saying.reason === 'ReplicaSetUpdated') : conditions;
}

function pauseSaying(
  { spec }: Deployment,
  current: DeploymentCondition | undefined,
): Saying | undefined {
  if (current?.reason === 'ProgressDeadlineExceeded') return undefined;
  const wasPaused = current?.reason === 'DeploymentPaused';
  if ((spec.paused === true) === wasPaused) return undefined;
  return spec.paused === true
    ? unknown('DeploymentPaused', 'Deployment is paused')
    : unknown('DeploymentResumed', 'Deployment is resumed');
}

function unknown(reason: string, message: string): Saying {
  return { type: 'Progressing', status: 'Unknown', reason, message };
}

function progressSaying(
  { deployment, newSet, now }: Observed,
  counted: DeploymentStatus,
  current: DeploymentCondition | undefined,
): Saying | undefined {
  const { name } = (newSet ?? deployment).metadata;
  const subject = `${newSet ? 'ReplicaSet' : 'Deployment'} "${name}"`;
  const about = (status: 'True' | 'False', reason: string, does: string): Saying => ({
    type: 'Progressing',
    status,
    reason,
    message: `${subject} ${does}.`,
  });
  if (isComplete(deployment, counted))
    return about('True', 'NewReplicaSetAvailable', 'has successfully progressed');
  if (hasProgressed(deployment.status ?? {}, counted))
    return about('True', 'ReplicaSetUpdated', 'is progressing');
  if (isLate(deployment, current, now))
    return about('False', 'ProgressDeadlineExceeded', 'has timed out progressing');
  return undefined;
}

function isComplete({ metadata, spec }: Deployment, counted: DeploymentStatus): boolean {
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = counted;
  const isObserved = (counted.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const counts = [updatedReplicas, replicas, availableReplicas];
  return isObserved && counts.every((count) => count === spec.replicas);
}

/** Compared with the last status: more of the new, less of the old, or more that works. */
function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number =>
    replicas - updatedReplicas;
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isLate(
  { spec }: Deployment,
  current: DeploymentCondition | undefined,
  now: number,
): boolean {
  if (!current || current.reason === 'NewReplicaSetAvailable') return false;
  if (current.reason === 'ProgressDeadlineExceeded') return true;
  const since = Date.parse(current.lastUpdateTime ?? '');
  return since + (spec.progressDeadlineSeconds ?? 0) * 1000 < now;
}

function hasDeadline({ spec }: Deployment): boolean {
  const { progressDeadlineSeconds } = spec;
  return progressDeadlineSeconds !== undefined && progressDeadlineSeconds < noDeadline;
}

function setFailure(sets: readonly ReplicaSet[]): string | undefined {
  const failures = sets.flatMap(({ status }) =>
    (status?.conditions ?? []).filter(({ type }) => type === 'ReplicaFailure'),
  );
  return failures[0]?.message;
}

function find(conditions: Conditions | undefined, type: string): DeploymentCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** The conditions with this one at the end; as they are when it says nothing new, unless `again`. */
function say(conditions: Conditions, saying: Saying, now: number, again = false): Conditions {
  const before = find(conditions, saying.type);
  const isKnown = before?.status === saying.status && before.reason === saying.reason;
  if (isKnown && !again) return conditions;
  const time = kubeTime(now);
  const since = before?.status === saying.status ? before.lastTransitionTime : undefined;
  const next = { ...saying, lastUpdateTime: time, lastTransitionTime: since ?? time };
  return [...conditions.filter(({ type }) => type !== saying.type), next];
}
