import type { ContainerMark, ObservedContainer } from '../runtime/observed.ts';
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
  /** In the order in which they were started; those of a pod no longer held are not known. */
  readonly sidecars: readonly string[];
  /** Containers with a preStop hook. */
  readonly hooked: ReadonlySet<string>;
  /** Keep ended containers, for their logs: the pod has run to its end but is still wanted. */
  readonly keepContainers: boolean;
  readonly why: StopReason;
  readonly now: number;
}

/**
 * Pure: the next safe steps towards the end of a pod. App containers are asked to end, then sidecars,
 * the last started first; nothing is removed before everything has ended. The preStop hooks of all
 * begin at once, as a kubelet has it. An empty plan and nothing observed means gone.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#sidecar-containers-and-pod-lifecycle
 */
export function planEnd(scene: EndScene): Plan {
  const running = scene.observed.containers.filter(({ state }) => state.phase === 'running');
  if (running.length === 0) return { steps: removals(scene) };
  const rank = ({ mark }: ObservedContainer): number => scene.sidecars.indexOf(mark.name);
  const apps = running.filter((container) => rank(container) < 0);
  const sidecars = running
    .filter((container) => rank(container) >= 0)
    .toSorted((a, b) => rank(b) - rank(a));
  const inTurn = apps.length > 0 ? apps : sidecars.slice(0, 1);
  const stopped = isOverdue(scene) ? running : inTurn;
  const later = running.filter((container) => !stopped.includes(container));
  return {
    steps: [
      ...stopped.flatMap((container) =>
        stop(container, rank(container) < 0 ? 0 : SIDECAR_GRACE_MS, scene),
      ),
      ...later.flatMap((container) => preStop(container, scene)),
    ],
  };
}

/** Grace is over: nobody waits for a turn any more. */
function isOverdue({ progress, graceSeconds, now }: EndScene): boolean {
  if (graceSeconds === undefined || !progress.ending) return false;
  return now >= progress.ending.since + graceSeconds * 1000;
}

function preStop({ id, mark }: ObservedContainer, scene: EndScene): Step[] {
  const { progress, hooked, now } = scene;
  if (!hooked.has(mark.name) || progress.preStops.has(id)) return [];
  const graceSeconds = Math.ceil((deadlineOf(mark, scene) - now) / 1000);
  return graceSeconds > 0 ? [{ do: 'preStop', container: mark.name, id, graceSeconds }] : [];
}

function deadlineOf({ graceSeconds }: ContainerMark, scene: EndScene): number {
  const since = scene.progress.ending?.since ?? scene.now;
  return since + (scene.graceSeconds ?? graceSeconds) * 1000;
}

function stop(container: ObservedContainer, leastMs: number, scene: EndScene): Step[] {
  const { progress, now, why } = scene;
  const { id, mark } = container;
  const deadline = Math.max(deadlineOf(mark, scene), now + leastMs);
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
