import type { Requeue } from '@skerry/shared/workqueue';
import { StatusError } from '../../status-error.ts';
import type { Held } from '../../storage/held.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { nodes, pods } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { claims, storageClasses, volumes } from '../client/storage-kinds.ts';
import { reconcile } from '../reconcile.ts';
import { withCondition } from '../workload/condition.ts';
import { byAge, conditionOf, hasEnded, isEnding } from '../workload/pod-state.ts';
import { Binder } from '../volumes/binder.ts';
import { selectedNode } from '../volumes/marks.ts';
import {
  claimsOf,
  wantingPod,
  type ClusterState,
  type NodeState,
  type WantingPod,
} from './facts.ts';
import { makeRoom } from './make-room.ts';
import { place, type Placement } from './place.ts';
import { isMakingRoom, preempt, type Preemption } from './preempt.ts';
import {
  chooseVolumes,
  podVolumes,
  volumesAllow,
  type ChosenVolume,
  type Storage,
} from './pod-volumes.ts';
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
    [volumes.storage]: () => when(scheduler.view.noteOther()),
    [storageClasses.storage]: () => when(scheduler.view.noteOther()),
  };
  await reconcile({ ...parts, sources, turn: () => scheduler.turn() }, signal);
}

/** A pod that waits, and the node on which room is made for it. */
interface Promised {
  readonly pod: Pod;
  readonly node: string;
}

interface Placed {
  readonly placement: Placement;
  readonly volumes: readonly ChosenVolume[];
  readonly wanting?: WantingPod;
}

class Scheduler {
  readonly view: SchedulingView;
  readonly #parts: ControllerParts;
  readonly #recorder: EventRecorder;
  readonly #binder: Binder;
  /** Pods that fit nowhere, and the state of the cluster in which they did not. */
  readonly #refused = new Map<string, number>();

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.view = new SchedulingView(parts.store);
    this.#recorder = new EventRecorder(parts, { component: schedulerName, action: 'Binding' });
    this.#binder = new Binder(parts.client, parts.clock);
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
    const promised = this.#promised();
    const storage = this.#storage();
    const writing = some.map((pod) => {
      const seen = this.#withPromised(state, promised, pod);
      const { placement, volumes: chosen, wanting } = this.#place(pod, seen, storage);
      if (placement.do === 'bind') {
        state = this.view.withPlaced(state, placement.node, pod);
        if (chosen.length === 0) return this.#bind(pod, placement.node);
        this.#refused.set(pod.metadata.uid, epoch); // until its volumes are bound
        return this.#chooseVolumes(chosen, placement.node);
      }
      this.#refused.set(pod.metadata.uid, epoch);
      const room = wanting && this.#room(pod, wanting, seen);
      if (room) promised.set(pod.metadata.uid, { pod, node: room.node });
      else promised.delete(pod.metadata.uid);
      return this.#explain(pod, placement.message, room);
    });
    await Promise.all(writing);
  }

  /** Nodes on which room is made for pods that still wait. */
  #promised(): Map<string, Promised> {
    const named = this.#waiting().flatMap((pod): [string, Promised][] => {
      const { nominatedNodeName: node = '' } = pod.status ?? {};
      return node === '' ? [] : [[pod.metadata.uid, { pod, node }]];
    });
    return new Map(named);
  }

  /** Room that is made for a pod is taken for those that are not more important. */
  #withPromised(
    state: ClusterState,
    promised: ReadonlyMap<string, Promised>,
    pod: Pod,
  ): ClusterState {
    const others = [...promised.values()].filter(
      (one) => one.pod.metadata.uid !== pod.metadata.uid && priorityOf(one.pod) >= priorityOf(pod),
    );
    return others.reduce((seen, one) => this.view.withPlaced(seen, one.node, one.pod), state);
  }

  /** Where room is, or is to be, made for a pod that fits nowhere. */
  #room(pod: Pod, wanting: WantingPod, state: ClusterState): Preemption | undefined {
    const { nominatedNodeName: node = '' } = pod.status ?? {};
    const promised = state.nodes.find(({ name }) => name === node);
    return isMakingRoom(wanting, promised) ? { node, victims: [] } : preempt(wanting, state);
  }

  /** `wanting` is there when pods of lower priority may make room. */
  #place(pod: Pod, state: ClusterState, storage: Storage): Placed {
    const wanting = wantingPod(pod);
    if (claimsOf(pod.spec).length === 0)
      return { placement: place(wanting, state), volumes: [], wanting };
    const needs = podVolumes(pod, storage);
    if (needs.do === 'wait') {
      const { message, everywhere } = needs;
      const all = `0/${state.nodes.length} nodes are available: ${message}.`;
      return { placement: { do: 'wait', message: everywhere ? all : message }, volumes: [] };
    }
    const allowed = {
      ...wanting,
      volumes: (node: NodeState) => volumesAllow(needs, storage, node),
    };
    const placement = place(allowed, state);
    const chosen = state.nodes.find(
      ({ name }) => placement.do === 'bind' && name === placement.node,
    );
    const volumes = (chosen && chooseVolumes(needs.open, storage, chosen)) ?? [];
    return { placement, volumes, wanting: allowed };
  }

  /** Volumes are read once, and only if a pod asks for them. */
  #storage(): Storage {
    const { client } = this.#parts;
    let listed: Storage['volumes'] | undefined;
    return {
      claim: (namespace, name) => client.get(claims, { namespace, name }),
      get volumes() {
        return (listed ??= client.list(volumes, ''));
      },
      kind: (name) => client.get(storageClasses, { namespace: '', name }),
    };
  }

  /** The pod follows when its claims are bound; a volume that another has taken meanwhile is left to it. */
  async #chooseVolumes(chosen: readonly ChosenVolume[], node: string): Promise<void> {
    for (const { claim, volume } of chosen)
      if (volume) await this.#binder.promise(volume, claim);
      else await this.#binder.annotate(claim, { [selectedNode]: node });
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

  async #explain(pod: Pod, message: string, room: Preemption | undefined): Promise<void> {
    await this.#say(pod, message, room?.node);
    if (room) await makeRoom({ ...this.#parts, recorder: this.#recorder }, pod, room);
  }

  /** The pod keeps the node that room is made on before anybody goes. */
  async #say(pod: Pod, message: string, nominated: string | undefined): Promise<void> {
    const known = conditionOf(pod, 'PodScheduled');
    const isSaid = known?.status === 'False' && known.message === message;
    if (isSaid && pod.status?.nominatedNodeName === nominated) return;
    const now = this.#parts.clock.now();
    const saying = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
    } as const;
    await this.#parts.client.updateStatus(pods, pod.metadata, ({ status = {} }) => {
      const { nominatedNodeName: _before, ...rest } = status;
      const conditions = withCondition(status.conditions, saying, now);
      return { ...rest, ...(nominated && { nominatedNodeName: nominated }), conditions };
    });
    if (isSaid) return;
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
