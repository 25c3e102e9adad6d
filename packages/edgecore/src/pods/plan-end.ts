import type { ObservedContainer } from '../runtime/observed.ts';
import type { Plan, Step } from './plan.ts';
import type { Recalled } from './pod-record.ts';
import type { Progress, StopReason } from './progress.ts';

/** A sidecar outlives the app containers, and has at least so long to end after them. */
const SIDECAR_GRACE_MS = 2000;

/** A pod that is to end, as seen at one moment. */
export interface EndScene {
  readonly observed: Recalled;
  readonly progress: Progress;
  /** Grace that the pod says now; undefined for a pod no longer held, whose containers remember it. */
  readonly graceSeconds: number | undefined;
  readonly sidecars: ReadonlySet<string>;
  /** Keep ended containers, for their logs: the pod has run to its end but is still wanted. */
  readonly keepContainers: boolean;
  readonly why: StopReason;
  readonly now: number;
}

/**
 * Pure: the next safe steps towards the end of a pod. App containers are asked to end, then sidecars;
 * nothing is removed before everything has ended. An empty plan and nothing observed means gone.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
 */
export function planEnd(scene: EndScene): Plan {
  const running = scene.observed.containers.filter(({ state }) => state.phase === 'running');
  const apps = running.filter(({ mark }) => !scene.sidecars.has(mark.name));
  if (apps.length > 0) return { steps: apps.flatMap((container) => stop(container, 0, scene)) };
  if (running.length > 0)
    return { steps: running.flatMap((container) => stop(container, SIDECAR_GRACE_MS, scene)) };
  return { steps: removals(scene) };
}

function stop(container: ObservedContainer, leastMs: number, scene: EndScene): Step[] {
  const { progress, now, why } = scene;
  const { id, mark } = container;
  const since = progress.ending?.since ?? now;
  const graceSeconds = scene.graceSeconds ?? mark.graceSeconds;
  const deadline = Math.max(since + graceSeconds * 1000, now + leastMs);
  const begun = progress.stops.get(id);
  // A shorter grace cuts a longer one short; a second is as fine as grace goes.
  if (begun && begun.deadline < deadline + 1000) return [];
  const left = Math.max(0, Math.ceil((deadline - now) / 1000));
  return [{ do: 'stop', container: mark.name, id, graceSeconds: left, why }];
}

function removals({ observed, keepContainers }: EndScene): Step[] {
  const sandboxes = observed.sandboxes.map(({ id }): Step => ({ do: 'removeSandbox', id }));
  const containers = observed.containers
    .filter(({ id }) => !observed.gone.has(id))
    .filter(({ state }) => !keepContainers || state.phase === 'created')
    .map(({ id, mark }): Step => ({ do: 'remove', container: mark.name, id }));
  return [...sandboxes, ...containers];
}
