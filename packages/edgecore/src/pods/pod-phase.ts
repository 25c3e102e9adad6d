import { newestRun, runningSandbox } from './outlook.ts';
import type { RunScene } from './plan.ts';
import type { ContainerStatus, PodPhase } from './pod.ts';
import type { ContainerShape, PodShape } from './pod-shape.ts';
import { hasStarted } from './wellbeing.ts';

/** Statuses in the order of the shape's containers. */
export interface PhaseScene {
  readonly shape: PodShape;
  readonly statuses: readonly ContainerStatus[];
  readonly isInitialized: boolean;
  /** The pod has been asked to end, and nothing of it runs. */
  readonly hasEnded: boolean;
}

/**
 * The phase of a pod, from the states of its containers. Source: `getPhase` of
 * `pkg/kubelet/kubelet_pods.go`.
 */
export function phaseOf(scene: PhaseScene): PodPhase {
  const { shape, statuses, isInitialized, hasEnded } = scene;
  const of = (role: ContainerShape['role']): ContainerStatus[] =>
    statuses.filter((_, index) => shape.containers[index]?.role === role);
  const apps = of('app');
  if (hasEnded) return apps.every(hasSucceeded) ? 'Succeeded' : 'Failed';
  if (!isInitialized) {
    const failed = of('init').some(hasFailed);
    return failed && shape.restartPolicy === 'Never' ? 'Failed' : 'Pending';
  }
  if (apps.some(neverRan)) return apps.every((app) => neverRan(app)) ? 'Pending' : 'Running';
  if (apps.some(({ state }) => state.running !== undefined)) return 'Running';
  return endedPhase(shape, apps);
}

function endedPhase({ restartPolicy }: PodShape, apps: readonly ContainerStatus[]): PodPhase {
  if (restartPolicy === 'Always') return 'Running';
  if (apps.every(hasSucceeded)) return 'Succeeded';
  return restartPolicy === 'Never' ? 'Failed' : 'Running';
}

/** Every init container is done in this sandbox, or an app container shows that they were. */
export function isInitialized({ shape, observed, progress }: RunScene): boolean {
  const sandboxId = runningSandbox(observed)?.id ?? observed.sandboxes.at(-1)?.id;
  return (
    shape.containers.some(
      ({ name, role }) => role === 'app' && isIn(sandboxId, newestRun(observed, name)?.sandboxId),
    ) ||
    shape.containers.every((container) => {
      const { name, role } = container;
      const run = newestRun(observed, name);
      if (role === 'app') return true;
      if (role === 'sidecar') return run !== undefined && hasStarted(container, run, progress);
      return run?.state.phase === 'exited' && run.state.exitCode === 0;
    })
  );
}

/** Where no sandbox is left to compare with, having run is proof enough. */
function isIn(sandboxId: string | undefined, ranIn: string | undefined): boolean {
  return ranIn !== undefined && (sandboxId === undefined || ranIn === sandboxId);
}

function neverRan({ state, lastState }: ContainerStatus): boolean {
  return state.waiting !== undefined && lastState.terminated === undefined;
}

function hasSucceeded({ state }: ContainerStatus): boolean {
  return state.terminated?.exitCode === 0;
}

function hasFailed({ state }: ContainerStatus): boolean {
  return state.terminated !== undefined && state.terminated.exitCode !== 0;
}
