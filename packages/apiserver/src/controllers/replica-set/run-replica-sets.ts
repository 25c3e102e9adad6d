import { againIn, type Requeue } from '@skerry/shared/workqueue';
import { messageOf } from '@skerry/shared/errors';
import { StatusError } from '../../status-error.ts';
import { isNamespaceTerminating } from '../../refusals.ts';
import type { Held } from '../../storage/held.ts';
import { placeOf } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { pods, replicaSets, type ReplicaSet } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { reconcile } from '../reconcile.ts';
import { claim } from '../workload/claim.ts';
import { keysOfOwners } from '../workload/owned-keys.ts';
import { podOf } from '../workload/pod-of.ts';
import { isActive, nextAvailableMs } from '../workload/pod-state.ts';
import { slowStart } from '../workload/slow-start.ts';
import { planReplicas, replicaSetStatus, type ReplicaFailure } from './decide.ts';

/**
 * Keeps a number of equal pods, until `signal` aborts.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
 */
export async function runReplicaSets(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const keeper = new ReplicaSetKeeper(parts);
  const sources = {
    [replicaSets.storage]: ({ id }: Held) => [id],
    [pods.storage]: keysOfOwners(parts.client, replicaSets),
  };
  await reconcile({ ...parts, sources, turn: (key) => keeper.turn(key) }, signal);
}

class ReplicaSetKeeper {
  readonly #parts: ControllerParts;
  readonly #recorder: EventRecorder;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#recorder = new EventRecorder(parts, { component: 'replicaset-controller' });
  }

  async turn(key: string): Promise<Requeue> {
    const { client, clock } = this.#parts;
    const set = client.get(replicaSets, placeOf(key));
    if (!set) return undefined;
    const claimer = { kind: replicaSets, owner: set, selector: set.spec.selector };
    const owned = await claim(client, pods, claimer, isActive);
    const isGoing = set.metadata.deletionTimestamp !== undefined;
    const failed = isGoing ? undefined : await this.#manage(set, owned);
    const now = clock.now();
    await client.updateStatus(replicaSets, set.metadata, (newest) =>
      replicaSetStatus(
        { ...set, status: newest.status ?? { replicas: 0 } },
        owned,
        failed?.why,
        now,
      ),
    );
    if (failed) throw failed.error;
    return againIn(nextAvailableMs(owned, set.spec.minReadySeconds ?? 0, now));
  }

  async #manage(set: ReplicaSet, owned: readonly Pod[]): Promise<Failed | undefined> {
    const { create, remove } = planReplicas(set.spec.replicas, owned);
    let doing: ReplicaFailure['reason'] = 'FailedCreate';
    try {
      await slowStart(create, () => this.#create(set));
      doing = 'FailedDelete';
      await Promise.all(remove.map((pod) => this.#remove(set, pod)));
      return undefined;
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      if (!(error instanceof StatusError)) throw error;
      const why = { reason: doing, message: messageOf(error) };
      const verb = doing === 'FailedCreate' ? 'creating' : 'deleting';
      const message = `Error ${verb}: ${why.message}`;
      await this.#recorder.tell(replicaSets, set, { type: 'Warning', reason: doing, message });
      return { why, error };
    }
  }

  async #create(set: ReplicaSet): Promise<void> {
    const { namespace } = set.metadata;
    const body = podOf(replicaSets, set, set.spec.template);
    const pod = await this.#parts.client.create(pods, namespace, body);
    const message = `Created pod: ${pod.metadata.name}`;
    const news = { type: 'Normal', reason: 'SuccessfulCreate', message } as const;
    await this.#recorder.tell(replicaSets, set, news);
  }

  async #remove(set: ReplicaSet, { metadata }: Pod): Promise<void> {
    const { name, uid } = metadata;
    if (!(await this.#parts.client.delete(pods, metadata, { uid }))) return;
    const news = {
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `Deleted pod: ${name}`,
    } as const;
    await this.#recorder.tell(replicaSets, set, news);
  }
}

interface Failed {
  readonly why: ReplicaFailure;
  readonly error: Error;
}
