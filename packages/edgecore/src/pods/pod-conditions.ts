import { kubeTime } from '@skerry/shared/clock';
import type { ContainerStatus, PodCondition, PodPhase } from './pod.ts';
import type { PodShape } from './pod-shape.ts';

export interface ConditionScene {
  readonly shape: PodShape;
  readonly phase: PodPhase;
  /** In the order of the shape's containers. */
  readonly statuses: readonly ContainerStatus[];
  readonly hasSandbox: boolean;
  readonly isInitialized: boolean;
  /** Why no runtime can run this pod now. */
  readonly unavailable?: string | undefined;
  readonly observedGeneration?: number | undefined;
  /** As the API server has them: what others have set. */
  readonly shown: readonly PodCondition[];
  /** Paths of what the pod asks for and this node does not do. */
  readonly unsupported: readonly string[];
  /** Why the node has ended the pod for its own sake. */
  readonly disruption?: string | undefined;
  /** As last reported, or as the API server has them. */
  readonly previous: readonly PodCondition[];
  readonly now: number;
}

/** Type of the condition that says what this node does not do for a pod. */
export const UNSUPPORTED_FIELDS = 'edge.skerry.io/UnsupportedFields';

interface Truth {
  readonly type: string;
  readonly isTrue: boolean;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/**
 * The conditions a kubelet owns, each with the time it last changed; those that others have set are
 * theirs to say. What this node does not do is a condition of its own.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions
 */
export function podConditions(scene: ConditionScene): PodCondition[] {
  return truthsOf(scene).map((truth) => condition(truth, scene));
}

function truthsOf(scene: ConditionScene): Truth[] {
  const readiness = readinessOf(scene);
  return [
    {
      type: 'PodReadyToStartContainers',
      isTrue: scene.hasSandbox,
      ...(!scene.hasSandbox &&
        scene.unavailable !== undefined && {
          reason: 'ContainerRuntimeUnavailable',
          message: scene.unavailable,
        }),
    },
    { type: 'Initialized', ...initializationOf(scene) },
    { type: 'Ready', ...(readiness.isTrue ? gatesOf(scene) : readiness) },
    { type: 'ContainersReady', ...readiness },
    { type: 'PodScheduled', isTrue: true },
    ...disruptionOf(scene),
    ...unsupportedOf(scene),
  ];
}

/** @see https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
function disruptionOf({ disruption: message }: ConditionScene): Truth[] {
  if (message === undefined) return [];
  return [{ type: 'DisruptionTarget', isTrue: true, reason: 'TerminationByKubelet', message }];
}

function unsupportedOf({ unsupported }: ConditionScene): Truth[] {
  if (unsupported.length === 0) return [];
  const message = `This node does not apply ${unsupported.join(', ')}`;
  return [{ type: UNSUPPORTED_FIELDS, isTrue: true, reason: 'NotApplied', message }];
}

type Verdict = Omit<Truth, 'type'>;

function initializationOf({ shape, phase, statuses, isInitialized }: ConditionScene): Verdict {
  if (phase === 'Succeeded') return { isTrue: true, reason: 'PodCompleted' };
  if (isInitialized) return { isTrue: true };
  const incomplete = namesOf(shape, statuses, (role, { ready }) => role !== 'app' && !ready);
  const message = `containers with incomplete status: [${incomplete}]`;
  return { isTrue: false, reason: 'ContainersNotInitialized', message };
}

function readinessOf({ shape, phase, statuses }: ConditionScene): Verdict {
  if (phase === 'Succeeded') return { isTrue: false, reason: 'PodCompleted' };
  if (phase === 'Failed') return { isTrue: false, reason: 'PodFailed' };
  const unready = namesOf(shape, statuses, (role, { ready }) => role !== 'init' && !ready);
  if (unready === '') return { isTrue: true };
  const message = `containers with unready status: [${unready}]`;
  return { isTrue: false, reason: 'ContainersNotReady', message };
}

/** Source: `GeneratePodReadyCondition` of `pkg/kubelet/status/generate.go`. */
function gatesOf({ shape, shown }: ConditionScene): Verdict {
  const problems = shape.readinessGates.flatMap((gate) => {
    const status = shown.find(({ type }) => type === gate)?.status;
    if (status === 'True') return [];
    return status === undefined
      ? [`corresponding condition of pod readiness gate "${gate}" does not exist.`]
      : [`the status of pod readiness gate "${gate}" is not "True", but ${status}`];
  });
  if (problems.length === 0) return { isTrue: true };
  return { isTrue: false, reason: 'ReadinessGatesNotReady', message: problems.join(', ') };
}

function namesOf(
  { containers }: PodShape,
  statuses: readonly ContainerStatus[],
  matches: (role: string, status: ContainerStatus) => boolean,
): string {
  return statuses
    .filter((status, index) => matches(containers[index]?.role ?? 'app', status))
    .map(({ name }) => name)
    .join(' ');
}

function condition(
  truth: Truth,
  { previous, observedGeneration, now }: ConditionScene,
): PodCondition {
  const { type, isTrue, reason, message } = truth;
  const status = isTrue ? 'True' : 'False';
  const before = previous.find((held) => held.type === type);
  return {
    type,
    ...(observedGeneration !== undefined && { observedGeneration }),
    status,
    lastProbeTime: null,
    lastTransitionTime:
      before?.status === status && before.lastTransitionTime
        ? before.lastTransitionTime
        : kubeTime(now),
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
  };
}
