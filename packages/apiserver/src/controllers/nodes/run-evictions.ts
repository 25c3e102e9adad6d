import type { Requeue } from '@skerry/shared/workqueue';
import { sameJson, type Json } from '../../json.ts';
import type { Held } from '../../storage/held.ts';
import { placeOf, type ClusterClient } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { nodes, pods } from '../client/kinds.ts';
import type { Pod, Taint } from '../client/objects.ts';
import { reconcile } from '../reconcile.ts';
import { withCondition } from '../workload/condition.ts';
import { hasEnded, isEnding } from '../workload/pod-state.ts';
import { leavesAt } from './evict.ts';

/**
 * Deletes pods that do not tolerate a NoExecute taint of their node any longer, until `signal` aborts.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
export async function runEvictions(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const evictor = new Evictor(parts);
  const sources = {
    [nodes.storage]: (held: Held) => evictor.podsConcerned(held),
    [pods.storage]: (held: Held) => evictor.concerns(held),
  };
  await reconcile({ ...parts, sources, turn: (key) => evictor.turn(key) }, signal);
}

class Evictor {
  readonly #parts: ControllerParts;
  readonly #client: ClusterClient;
  readonly #recorder: EventRecorder;
  /** Taints that evict, by node; nothing of nodes that have none. */
  readonly #taints = new Map<string, Taint[]>();

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#recorder = new EventRecorder(parts, { component: 'taint-eviction-controller' });
  }

  /** The pods of a node whose taints have changed. */
  podsConcerned({ name }: Held): readonly string[] {
    const node = this.#client.get(nodes, { namespace: '', name });
    const taints = (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
    const before: Json = this.#taints.get(name) ?? [];
    if (sameJson(before, taints)) return [];
    if (taints.length === 0) this.#taints.delete(name);
    else this.#taints.set(name, taints);
    return this.#client
      .list(pods, '')
      .filter(({ spec }) => spec.nodeName === name)
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  }

  /** While no node is tainted, changes of pods cost nothing. */
  concerns({ id }: Held): readonly string[] {
    return this.#taints.size === 0 ? [] : [id];
  }

  async turn(key: string): Promise<Requeue> {
    const pod = this.#client.get(pods, placeOf(key));
    const taints = this.#taints.get(pod?.spec.nodeName ?? '');
    if (!pod || !taints || isEnding(pod) || hasEnded(pod)) return undefined;
    const now = this.#parts.clock.now();
    const time = leavesAt(pod, taints, now);
    if (time === undefined) return undefined;
    if (time > now) return { afterMs: time - now };
    await this.#evict(pod, now);
    return undefined;
  }

  async #evict(pod: Pod, now: number): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    const saying = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    } as const;
    await this.#client.updateStatus(pods, pod.metadata, ({ status = {} }) => ({
      ...status,
      conditions: withCondition(status.conditions, saying, now),
    }));
    const message = `Marking for deletion Pod ${namespace}/${name}`;
    await this.#recorder.tell(pods, pod, {
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message,
    });
    await this.#client.delete(pods, pod.metadata, { uid });
  }
}
