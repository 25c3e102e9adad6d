import { againIn, type Requeue } from '@skerry/shared/workqueue';
import { sameJson, type Json } from '../../json.ts';
import type { Held } from '../../storage/held.ts';
import { type ClusterClient } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { controllerRevisions, daemonSets, nodes, pods, type DaemonSet } from '../client/kinds.ts';
import type { Node } from '../client/objects.ts';
import { reconcile } from '../reconcile.ts';
import { claim } from '../workload/claim.ts';
import { hashOf, keepHistory, revisionHashLabel, trimHistory } from '../workload/history.ts';
import { keysOfOwners } from '../workload/owned-keys.ts';
import { nextAvailableMs } from '../workload/pod-state.ts';
import { turnsOf } from '../workload/turns-of.ts';
import { daemonPod } from './daemon-pod.ts';
import { daemonStatus, planDaemons, type DaemonPlan } from './plan.ts';

/**
 * Keeps one pod on each node that a set selects, until `signal` aborts.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
 */
export async function runDaemonSets(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const keeper = new DaemonKeeper(parts);
  const news = new NodeNews(parts);
  const sources = {
    [daemonSets.storage]: ({ id }: Held) => [id],
    [pods.storage]: keysOfOwners(parts.client, daemonSets),
    [controllerRevisions.storage]: keysOfOwners(parts.client, daemonSets),
    [nodes.storage]: (held: Held) => (news.isNews(held) ? everySet(parts.client) : []),
  };
  const turn = turnsOf(parts.client, daemonSets, (set) => keeper.keep(set));
  await reconcile({ ...parts, sources, turn }, signal);
}

function everySet(client: ClusterClient): readonly string[] {
  return client
    .list(daemonSets, '')
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** Tells changes of a node that a set may mind from its heartbeats. */
class NodeNews {
  readonly #parts: ControllerParts;
  readonly #seen = new Map<string, Json>();

  constructor(parts: ControllerParts) {
    this.#parts = parts;
  }

  isNews({ name }: Held): boolean {
    const node = this.#parts.client.get(nodes, { namespace: '', name });
    const sign = node && signOf(node);
    if (sameJson(this.#seen.get(name), sign)) return false;
    if (sign === undefined) this.#seen.delete(name);
    else this.#seen.set(name, sign);
    return true;
  }
}

function signOf({ metadata, spec }: Node): Json {
  return { labels: metadata.labels ?? {}, taints: spec?.taints ?? [] };
}

class DaemonKeeper {
  readonly #parts: ControllerParts;
  readonly #client: ClusterClient;
  readonly #recorder: EventRecorder;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#recorder = new EventRecorder(parts, { component: 'daemonset-controller' });
  }

  async keep(set: DaemonSet): Promise<Requeue> {
    const claimer = { kind: daemonSets, owner: set, selector: set.spec.selector };
    const owned = await claim(this.#client, pods, claimer);
    const history = await keepHistory(this.#client, daemonSets, set);
    const now = this.#parts.clock.now();
    const hash = hashOf(history.newest);
    const scene = { set, nodes: this.#client.list(nodes, ''), pods: owned, hash, now };
    await this.#carryOut(set, planDaemons(scene), hash);
    await this.#client.updateStatus(daemonSets, set.metadata, () => daemonStatus(scene));
    const hashes = owned.map(({ metadata }) => metadata.labels?.[revisionHashLabel] ?? '');
    const live = new Set([...hashes, hash].map((one) => `${set.metadata.name}-${one}`));
    await trimHistory(this.#client, history, set.spec.revisionHistoryLimit, live);
    return againIn(nextAvailableMs(owned, set.spec.minReadySeconds ?? 0, now));
  }

  async #carryOut(set: DaemonSet, { create, remove }: DaemonPlan, hash: string): Promise<void> {
    for (const { metadata } of remove) {
      const { name, uid } = metadata;
      if (await this.#client.delete(pods, metadata, { uid }))
        await this.#tell(set, 'SuccessfulDelete', `Deleted pod: ${name}`);
    }
    for (const node of create) {
      const body = daemonPod(set, node, hash);
      const pod = await this.#client.create(pods, set.metadata.namespace, body);
      await this.#tell(set, 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    }
  }

  #tell(set: DaemonSet, reason: string, message: string): Promise<void> {
    return this.#recorder.tell(daemonSets, set, { type: 'Normal', reason, message });
  }
}
