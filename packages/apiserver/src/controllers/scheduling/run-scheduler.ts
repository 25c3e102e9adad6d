import type { Requeue } from '@skerry/shared/workqueue';
import { StatusError } from '../../status-error.ts';
import type { Held } from '../../storage/held.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { claims, nodes, pods } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { reconcile } from '../reconcile.ts';
import { withCondition } from '../workload/condition.ts';
import { byAge, conditionOf, hasEnded, isEnding } from '../workload/pod-state.ts';
import { claimsOf, wantingPod, type ClusterState } from './facts.ts';
import { place, type Placement } from './place.ts';
import { SchedulingView } from './view.ts';

/** The name that a pod gives to be placed by this scheduler; any other is left to another one. */
export const schedulerName = 'default-scheduler';
/** All pods that wait are one piece of work: which is first depends on the others. */
const everything = 'pods';

/**
 * Gives pods that have no node the best one, until `signal` aborts: those of high priority first, then
 * the oldest. A pod that fits nowhere is looked at again when something has changed that may matter.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
 */
export async function runScheduler(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const scheduler = new Scheduler(parts);
  const when = (isNews: boolean): readonly string[] => (isNews ? [everything] : []);
  const sources = {
    [nodes.storage]: (held: Held) => when(scheduler.view.noteNode(held)),
    [pods.storage]: (held: Held) => when(scheduler.view.notePod(held)),
    [claims.storage]: () => when(scheduler.view.noteOther()),
  };
  await reconcile({ ...parts, sources, turn: () => scheduler.turn() }, signal);
}

class Scheduler {
  readonly view: SchedulingView;
  readonly #parts: ControllerParts;
  readonly #recorder: EventRecorder;
  /** Pods that fit nowhere, and the state of the cluster in which they did not. */
  readonly #refused = new Map<string, number>();

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.view = new SchedulingView(parts.store);
    this.#recorder = new EventRecorder(parts, { component: schedulerName, action: 'Binding' });
  }

  async turn(): Promise<Requeue> {
    const waiting = this.#waiting();
    this.#forgetOthers(waiting);
    let state: ClusterState | undefined;
    for (const pod of waiting) {
      if (this.#refused.get(pod.metadata.uid) === this.view.epoch) continue;
      state ??= this.view.state();
      const chosen = await this.#settle(pod, state);
      if (chosen !== undefined) state = this.view.withPlaced(state, chosen, pod);
    }
    return undefined;
  }

  #waiting(): readonly Pod[] {
    return this.view
      .waiting()
      .filter(({ spec }) => (spec.schedulerName ?? schedulerName) === schedulerName)
      .filter((pod) => !isEnding(pod) && !hasEnded(pod) && !isGated(pod))
      .toSorted((one, other) => priorityOf(other) - priorityOf(one) || byAge(one, other));
  }

  #forgetOthers(waiting: readonly Pod[]): void {
    const uids = new Set(waiting.map(({ metadata }) => metadata.uid));
    for (const uid of this.#refused.keys()) if (!uids.has(uid)) this.#refused.delete(uid);
  }

  /** The node that the pod now has; undefined when it has none. */
  async #settle(pod: Pod, state: ClusterState): Promise<string | undefined> {
    const { epoch } = this.view;
    const placement = this.#missingClaim(pod) ?? place(wantingPod(pod), state);
    if (placement.do === 'bind')
      return (await this.#bind(pod, placement.node)) ? placement.node : undefined;
    this.#refused.set(pod.metadata.uid, epoch);
    await this.#explain(pod, placement.message);
    return undefined;
  }

  #missingClaim({ metadata, spec }: Pod): Placement | undefined {
    const { namespace } = metadata;
    const missing = claimsOf(spec).find(
      (name) => !this.#parts.client.get(claims, { namespace, name }),
    );
    if (missing === undefined) return undefined;
    return { do: 'wait', message: `persistentvolumeclaim "${missing}" not found` };
  }

  /** False when the pod has gone, or somebody else was faster. */
  async #bind(pod: Pod, node: string): Promise<boolean> {
    const { namespace, name, uid } = pod.metadata;
    try {
      await this.#parts.client.bind({ namespace, name, uid }, node);
    } catch (error) {
      if (error instanceof StatusError) return false;
      throw error;
    }
    const message = `Successfully assigned ${namespace}/${name} to ${node}`;
    await this.#recorder.tell(pods, pod, { type: 'Normal', reason: 'Scheduled', message });
    return true;
  }

  async #explain(pod: Pod, message: string): Promise<void> {
    const known = conditionOf(pod, 'PodScheduled');
    if (known?.status === 'False' && known.message === message) return;
    const now = this.#parts.clock.now();
    const saying = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
    } as const;
    await this.#parts.client.updateStatus(pods, pod.metadata, ({ status = {} }) => ({
      ...status,
      conditions: withCondition(status.conditions, saying, now),
    }));
    await this.#recorder.tell(pods, pod, { type: 'Warning', reason: 'FailedScheduling', message });
  }
}

function priorityOf({ spec }: Pod): number {
  return spec.priority ?? 0;
}

/** @see https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/ */
function isGated({ spec }: Pod): boolean {
  return (spec.schedulingGates ?? []).length > 0;
}
