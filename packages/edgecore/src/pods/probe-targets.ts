import type { ProbeTarget } from '../probes/prober.ts';
import type { ProbeKind } from '../probes/weigh.ts';
import type { ObservedContainer } from '../runtime/observed.ts';
import { checkOf } from './check-of.ts';
import type { Probe } from './handlers.ts';
import { newestRun, type Scene } from './outlook.ts';
import type { Container } from './pod.ts';
import type { ContainerShape } from './pod-shape.ts';
import { hasStarted, postStartPhase } from './wellbeing.ts';

/**
 * Defaults, in seconds and times.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes
 */
const defaults = { timeout: 1, period: 10, success: 1, failure: 3 } as const;

export interface ProbeScene extends Pick<Scene, 'shape' | 'observed' | 'progress'> {
  /** By container name. */
  readonly containers: ReadonlyMap<string, Container>;
  readonly podIp: string;
  /** The pod is being ended: whether it lives is no question any more, whether it serves still is. */
  readonly isEnding: boolean;
}

/**
 * Pure: what is to be asked of a pod's containers now. One that has not started is only asked whether
 * it has; one whose postStart hook is not over is asked nothing.
 */
export function probeTargets(scene: ProbeScene): ProbeTarget[] {
  return scene.shape.containers.flatMap((wanted) => {
    const run = newestRun(scene.observed, wanted.name);
    const container = scene.containers.get(wanted.name);
    if (!container || run?.state.phase !== 'running') return [];
    if (postStartPhase(wanted, run, scene.progress) !== 'done') return [];
    return kindsDue(wanted, run, scene).flatMap((kind) => {
      const probe = container[`${kind}Probe`];
      return probe ? [target(kind, probe, run, { container, scene })] : [];
    });
  });
}

function kindsDue(wanted: ContainerShape, run: ObservedContainer, scene: ProbeScene): ProbeKind[] {
  const { progress, isEnding } = scene;
  if (!hasStarted(wanted, run, progress)) return isEnding ? [] : ['startup'];
  return isEnding || progress.stops.has(run.id) ? ['readiness'] : ['liveness', 'readiness'];
}

function target(
  kind: ProbeKind,
  probe: Probe,
  run: ObservedContainer,
  { container, scene }: { readonly container: Container; readonly scene: ProbeScene },
): ProbeTarget {
  const {
    initialDelaySeconds = 0,
    timeoutSeconds = defaults.timeout,
    periodSeconds = defaults.period,
    successThreshold = defaults.success,
    failureThreshold = defaults.failure,
  } = probe;
  return {
    id: run.id,
    container: container.name,
    kind,
    check: checkOf(probe, container, scene.podIp),
    initialDelayMs: initialDelaySeconds * 1000,
    periodMs: Math.max(1, periodSeconds) * 1000,
    timeoutMs: Math.max(1, timeoutSeconds) * 1000,
    thresholds: { success: successThreshold, failure: failureThreshold },
    startedAt: run.state.phase === 'running' ? run.state.startedAt : 0,
    held: scene.progress.verdicts.get(run.id)?.[kind],
  };
}
