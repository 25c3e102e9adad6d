import { kubeTime } from '@skerry/shared/clock';
import { containerStatus, type StatusScene } from './container-status.ts';
import { runningSandbox } from './outlook.ts';
import type { ContainerStatus, PodObject, PodPhase, PodStatus } from './pod.ts';
import { podConditions } from './pod-conditions.ts';
import type { PodVerdict } from './admission.ts';
import { isInitialized, phaseOf } from './pod-phase.ts';
import { qosClass } from './resources.ts';

export interface PodStatusScene extends StatusScene {
  readonly object: PodObject;
  /** When this node first saw the pod. */
  readonly startTime: number;
  readonly hostIp: string;
  /** As last reported from here. */
  readonly reported?: PodStatus | undefined;
  /** Why it is failed, where no container of its own is the reason. */
  readonly verdict?: PodVerdict | undefined;
  /** The pod is being ended for good. */
  readonly isDeleted: boolean;
  /** Paths of what the pod asks for and this node does not do. */
  readonly unsupported: readonly string[];
}

/** The status of a pod as a kubelet reports it, from what is seen now. */
export function podStatus(scene: PodStatusScene): PodStatus {
  const { object, shape, observed, reported } = scene;
  const statuses = shape.containers.map((container) => containerStatus(container, scene));
  const initialized = isInitialized(scene);
  const phase =
    finalPhase(object, reported, scene.verdict) ?? livingPhase(scene, statuses, initialized);
  const generation = object.metadata.generation;
  const shown = object.status?.conditions ?? [];
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    ...whyFailed(scene),
    conditions: podConditions({
      shape,
      phase,
      statuses,
      hasSandbox: runningSandbox(observed) !== undefined,
      isInitialized: initialized,
      unavailable: scene.unavailable,
      observedGeneration: generation,
      shown,
      unsupported: scene.unsupported,
      disruption: scene.verdict?.isDisruption && scene.verdict.message,
      previous: reported?.conditions ?? shown,
      now: scene.now,
    }),
    ...addresses(scene),
    startTime: kubeTime(scene.startTime),
    qosClass: qosClass(object.spec),
    ...statusesByRole(scene, statuses),
  };
}

function livingPhase(
  { shape, isDeleted }: PodStatusScene,
  statuses: readonly ContainerStatus[],
  initialized: boolean,
): PodPhase {
  const hasEnded = isDeleted && statuses.every(({ state }) => state.running === undefined);
  return phaseOf({ shape, statuses, isInitialized: initialized, hasEnded });
}

function addresses(
  scene: PodStatusScene,
): Pick<PodStatus, 'hostIP' | 'hostIPs' | 'podIP' | 'podIPs'> {
  const { hostIp } = scene;
  const podIp = podAddress(scene);
  return {
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp !== undefined && { podIP: podIp, podIPs: [{ ip: podIp }] }),
  };
}

function whyFailed({ verdict }: PodStatusScene): Pick<PodStatus, 'reason' | 'message'> {
  return verdict ? { reason: verdict.reason, message: verdict.message } : {};
}

/** A pod that has run to its end never runs again, whatever has become of its containers. */
export function finalPhase(
  { status }: PodObject,
  reported: PodStatus | undefined,
  verdict?: PodVerdict,
): 'Succeeded' | 'Failed' | undefined {
  if (verdict) return 'Failed';
  for (const phase of [reported?.phase, status?.phase])
    if (phase === 'Succeeded' || phase === 'Failed') return phase;
  return undefined;
}

function podAddress({ observed, shape, hostIp, reported }: PodStatusScene): string | undefined {
  const sandbox = runningSandbox(observed);
  if (!sandbox) return reported?.podIP;
  if (shape.sandbox.hostNetwork) return hostIp;
  return sandbox.state.phase === 'running' ? sandbox.state.ip : undefined;
}

function statusesByRole(
  { shape, observed, verdict }: PodStatusScene,
  statuses: readonly ContainerStatus[],
): Pick<PodStatus, 'containerStatuses' | 'initContainerStatuses'> {
  if (verdict && observed.containers.length === 0) return {}; // refused: nothing of it ever was here
  const isApp = (_: ContainerStatus, index: number): boolean =>
    shape.containers[index]?.role === 'app';
  const init = statuses.filter((status, index) => !isApp(status, index));
  return {
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: statuses.filter(isApp),
  };
}

/**
 * Whether the API server shows something else than what was reported, in what only this node can
 * know: then someone else has written it, and it has to be said again.
 */
export function isContradicted(reported: PodStatus, shown: PodStatus | undefined): boolean {
  return shown !== undefined && JSON.stringify(gist(reported)) !== JSON.stringify(gist(shown));
}

/** What others may not change, without what servers of other versions leave out or reorder. */
function gist({ phase, conditions = [], containerStatuses = [] }: PodStatus): unknown {
  const ready = conditions.find(({ type }) => type === 'Ready')?.status;
  const containers = containerStatuses.map(({ name, restartCount, ready: isReady, state }) => [
    name,
    restartCount,
    isReady,
    Object.keys(state)[0],
  ]);
  return { phase, ready, containers: containers.toSorted() };
}
