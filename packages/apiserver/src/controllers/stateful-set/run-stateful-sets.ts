import { againIn, type Requeue } from '@skerry/shared/workqueue';
import { objectAt } from '../../json.ts';
import type { Held } from '../../storage/held.ts';
import { isConflict, type ClusterClient } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { controllerRevisions, pods, statefulSets, type StatefulSet } from '../client/kinds.ts';
import type { PodTemplate } from '../client/objects.ts';
import { claims } from '../client/storage-kinds.ts';
import { reconcile } from '../reconcile.ts';
import { claim } from '../workload/claim.ts';
import { keepHistory, trimHistory, type History } from '../workload/history.ts';
import { keysOfOwners } from '../workload/owned-keys.ts';
import { nextAvailableMs } from '../workload/pod-state.ts';
import { turnsOf } from '../workload/turns-of.ts';
import { planStatefulSet, statefulStatus, type StatefulScene, type StatefulStep } from './plan.ts';
import { claimsOfPod, ordinalOf, podName, revisionOf, statefulPod } from './stateful-pod.ts';

/**
 * Keeps pods with identities of their own, until `signal` aborts.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */
export async function runStatefulSets(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const keeper = new StatefulKeeper(parts);
  const sources = {
    [statefulSets.storage]: ({ id }: Held) => [id],
    [pods.storage]: keysOfOwners(parts.client, statefulSets),
    [controllerRevisions.storage]: keysOfOwners(parts.client, statefulSets),
  };
  const turn = turnsOf(parts.client, statefulSets, (set) => keeper.keep(set));
  await reconcile({ ...parts, sources, turn }, signal);
}

class StatefulKeeper {
  readonly #parts: ControllerParts;
  readonly #client: ClusterClient;
  readonly #recorder: EventRecorder;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#recorder = new EventRecorder(parts, { component: 'statefulset-controller' });
  }

  async keep(set: StatefulSet): Promise<Requeue> {
    const claimer = { kind: statefulSets, owner: set, selector: set.spec.selector };
    const isNamed = (pod: Parameters<typeof ordinalOf>[1]): boolean =>
      ordinalOf(set, pod) !== undefined;
    const owned = await claim(this.#client, pods, claimer, isNamed);
    const history = await keepHistory(this.#client, statefulSets, set);
    const now = this.#parts.clock.now();
    const update = history.newest.metadata.name;
    const scene = { set, pods: owned, current: currentOf(set, history), update, now };
    for (const step of planStatefulSet(scene)) await this.#carryOut(scene, history, step);
    await this.#client.updateStatus(statefulSets, set.metadata, () => statefulStatus(scene));
    const live = new Set([...owned.map(revisionOf), scene.current, update]);
    await trimHistory(this.#client, history, set.spec.revisionHistoryLimit, live);
    return againIn(nextAvailableMs(owned, set.spec.minReadySeconds ?? 0, now));
  }

  async #carryOut({ set }: StatefulScene, history: History, step: StatefulStep): Promise<void> {
    if (step.do === 'delete') {
      const { name, uid } = step.pod.metadata;
      if (await this.#client.delete(pods, step.pod.metadata, { uid }))
        await this.#tell(set, 'SuccessfulDelete', 'delete', name);
      return;
    }
    await this.#claim(set, step.ordinal);
    const revision = { name: step.revision, template: templateOf(set, history, step.revision) };
    const body = statefulPod(set, step.ordinal, revision);
    await this.#client.create(pods, set.metadata.namespace, body);
    await this.#tell(set, 'SuccessfulCreate', 'create', podName(set, step.ordinal));
  }

  async #claim(set: StatefulSet, ordinal: number): Promise<void> {
    const { namespace } = set.metadata;
    for (const { name, claim: body } of claimsOfPod(set, ordinal)) {
      if (this.#client.get(claims, { namespace, name })) continue;
      await this.#client.create(claims, namespace, body).catch((error: unknown) => {
        if (!isConflict(error)) throw error;
      });
    }
  }

  #tell(set: StatefulSet, reason: string, verb: string, pod: string): Promise<void> {
    const message = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name} successful`;
    return this.#recorder.tell(statefulSets, set, { type: 'Normal', reason, message });
  }
}

/** As the status has it, while that revision is known. */
function currentOf({ status }: StatefulSet, { all, newest }: History): string {
  const { currentRevision = '' } = status ?? {};
  const isKnown = all.some(({ metadata }) => metadata.name === currentRevision);
  return isKnown ? currentRevision : newest.metadata.name;
}

function templateOf({ spec }: StatefulSet, { all }: History, revision: string): PodTemplate {
  const found = all.find(({ metadata }) => metadata.name === revision);
  const template = objectAt(found?.data, 'spec', 'template');
  if (!template) return spec.template;
  const { $patch: _patch, ...rest } = template;
  return rest as PodTemplate;
}
