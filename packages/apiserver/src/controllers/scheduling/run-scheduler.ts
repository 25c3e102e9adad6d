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
import { claimsOf, wantingPod } from './facts.ts';
import { place, type Placement } from './place.ts';
import { SchedulingView } from './view.ts';

/** The name that a pod gives to be placed by this scheduler; any other is left to another one. */
export const schedulerName = 'default-scheduler';
/** Pods written to the disk at once. */
const bindsAtOnce = 64;
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
    const untried = waiting.filter(
      ({ metadata }) => this.#refused.get(metadata.uid) !== this.view.epoch,
    );
    for (let at = 0; at < untried.length; at += bindsAtOnce)
      await this.#settleAll(untried.slice(at, at + bindsAtOnce));
    // what was bound may be what others wait to be near
    return untried.length > 0 ? { afterMs: 0 } : undefined;
  }

  /** Each pod is placed as if those before it were on their nodes already. */
  async #settleAll(some: readonly Pod[]): Promise<void> {
    let state = this.view.state();
    const { epoch } = this.view;
    const writing = some.map((pod) => {
      const placement = this.#missingClaim(pod) ?? place(wantingPod(pod), state);
      if (placement.do === 'bind') {
        state = this.view.withPlaced(state, placement.node, pod);
        return this.#bind(pod, placement.node);
      }
      this.#refused.set(pod.metadata.uid, epoch);
      return this.#explain(pod, placement.message);
    });
    await Promise.all(writing);
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

  #missingClaim({ metadata, spec }: Pod): Placement | undefined {
    const { namespace } = metadata;
    const missing = claimsOf(spec).find(
      (name) => !this.#parts.client.get(claims, { namespace, name }),
    );
    if (missing === undefined) return undefined;
    return { do: 'wait', message: `persistentvolumeclaim "${missing}" not found` };
  }

  /** Nothing is lost when the pod has gone, or somebody else was faster. */
  async #bind(pod: Pod, node: string): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    try {
      await this.#parts.client.bind({ namespace, name, uid }, node);
    } catch (error) {
      if (error instanceof StatusError) return;
      throw error;
    }
    this.#noteBound(pod);
    const message = `Successfully assigned ${namespace}/${name} to ${node}`;
    await this.#recorder.tell(pods, pod, { type: 'Normal', reason: 'Scheduled', message });
  }

  /** Before the change comes by itself: the next pod is placed knowing of this one. */
  #noteBound({ metadata: { namespace, name } }: Pod): void {
    const held = this.#parts.store.get({ resource: pods.storage, namespace, name });
    if (held) this.view.notePod(held);
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
