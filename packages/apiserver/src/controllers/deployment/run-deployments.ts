import { messageOf } from '@skerry/shared/errors';
import { againIn, type Requeue } from '@skerry/shared/workqueue';
import type { JsonObject } from '../../json.ts';
import { isNamespaceTerminating } from '../../refusals.ts';
import type { Held } from '../../storage/held.ts';
import { isConflict, placeOf, type ClusterClient } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { controllerOf, deployments, pods, replicaSets } from '../client/kinds.ts';
import type { Deployment, ReplicaSet } from '../client/kinds.ts';
import { reconcile } from '../reconcile.ts';
import { claim, withMeta } from '../workload/claim.ts';
import { keysOfOwners } from '../workload/owned-keys.ts';
import { byAge, hasEnded } from '../workload/pod-state.ts';
import { planDeployment } from './plan.ts';
import { annotationsFor, describedSet, newSetOf, revisionAnnotation } from './revisions.ts';
import { deploymentStatus, untilDeadlineMs } from './status.ts';
import type { DeploymentStep, Scene } from './step.ts';

/**
 * Rolls deployments from one template to the next, until `signal` aborts. Every turn plans from what is
 * stored, so a restart between two steps costs nothing.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
 */
export async function runDeployments(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const roller = new DeploymentRoller(parts);
  const sources = {
    [deployments.storage]: ({ id }: Held) => [id],
    [replicaSets.storage]: keysOfOwners(parts.client, deployments),
    [pods.storage]: keysOfWaiting(parts),
  };
  await reconcile({ ...parts, sources, turn: (key) => roller.turn(key) }, signal);
}

/** Only those that recreate wait for pods themselves; for others the sets speak. */
function keysOfWaiting({ client }: ControllerParts): (held: Held) => readonly string[] {
  return (held) => {
    const set = client.controllerOf(held);
    if (set?.kind !== replicaSets.kind) return [];
    const { namespace } = held;
    const owner = client.get(replicaSets, { namespace, name: set.name });
    const name = owner && controllerOf(owner)?.name;
    if (name === undefined) return [];
    const deployment = client.get(deployments, { namespace, name });
    return deployment?.spec.strategy.type === 'Recreate' ? [`${namespace}/${name}`] : [];
  };
}

class DeploymentRoller {
  readonly #parts: ControllerParts;
  readonly #client: ClusterClient;
  readonly #recorder: EventRecorder;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#recorder = new EventRecorder(parts, { component: 'deployment-controller' });
  }

  async turn(key: string): Promise<Requeue> {
    const deployment = this.#client.get(deployments, placeOf(key));
    if (!deployment) return undefined;
    const failed = await this.#advance(deployment, planDeployment(await this.#look(deployment)));
    const status = await this.#report(deployment, failed);
    if (failed?.error) throw failed.error;
    return againIn(status && untilDeadlineMs({ deployment, now: this.#parts.clock.now() }, status));
  }

  async #look(deployment: Deployment): Promise<Scene> {
    const { selector } = deployment.spec;
    const claimer = { kind: deployments, owner: deployment, selector };
    const sets = (await claim(this.#client, replicaSets, claimer)).toSorted(byAge);
    const newSet = newSetOf(deployment, sets);
    const oldSets = sets.filter((set) => set !== newSet);
    return { deployment, sets, newSet, oldPodsRun: this.#anyPodRuns(deployment, oldSets) };
  }

  #anyPodRuns({ metadata, spec }: Deployment, sets: readonly ReplicaSet[]): boolean {
    if (spec.strategy.type !== 'Recreate') return false;
    const uids = new Set(sets.map((set) => set.metadata.uid));
    const owned = this.#client.list(pods, metadata.namespace, (held) =>
      uids.has(this.#client.controllerOf(held)?.uid ?? ''),
    );
    return owned.some((pod) => !hasEnded(pod));
  }

  async #advance(
    deployment: Deployment,
    plan: readonly DeploymentStep[],
  ): Promise<Advance | undefined> {
    let made: Advance | undefined;
    for (const step of plan) made = (await this.#carryOut(deployment, step)) ?? made;
    return made;
  }

  async #carryOut(deployment: Deployment, step: DeploymentStep): Promise<Advance | undefined> {
    switch (step.do) {
      case 'create-set':
        return this.#create(deployment, step.body);
      case 'describe-set':
        await this.#client.update(replicaSets, step.set.metadata, (set) =>
          describedSet(deployment, set, step.revision),
        );
        return undefined;
      case 'scale-set':
        await this.#scale(deployment, step.set, step.replicas);
        return undefined;
      case 'delete-set':
        await this.#client.delete(replicaSets, step.set.metadata, { uid: step.set.metadata.uid });
        return undefined;
      case 'number-deployment':
        await this.#client.update(deployments, deployment.metadata, (newest) =>
          withMeta(newest, {
            annotations: { ...newest.metadata.annotations, [revisionAnnotation]: step.revision },
          }),
        );
        return undefined;
    }
  }

  async #create(deployment: Deployment, body: JsonObject): Promise<Advance | undefined> {
    const { namespace } = deployment.metadata;
    try {
      const set = await this.#client.create(replicaSets, namespace, body);
      if (set.spec.replicas > 0)
        await this.#tell(deployment, set.metadata.name, 0, set.spec.replicas);
      return { made: set.metadata.name };
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      if (isConflict(error)) await this.#countCollision(deployment);
      else return { failure: messageOf(error), error: error as Error };
      return undefined;
    }
  }

  /** Somebody else has the name: the next turn tries another. */
  async #countCollision({ metadata }: Deployment): Promise<void> {
    await this.#client.updateStatus(deployments, metadata, ({ status = {} }) => ({
      ...status,
      collisionCount: (status.collisionCount ?? 0) + 1,
    }));
  }

  async #scale(deployment: Deployment, { metadata }: ReplicaSet, replicas: number): Promise<void> {
    let before = replicas;
    await this.#client.update(replicaSets, metadata, (set) => {
      before = set.spec.replicas;
      const annotations = annotationsFor(deployment, set.metadata.annotations ?? {});
      return { ...withMeta(set, { annotations }), spec: { ...set.spec, replicas } };
    });
    if (before !== replicas) await this.#tell(deployment, metadata.name, before, replicas);
  }

  async #tell(deployment: Deployment, set: string, from: number, to: number): Promise<void> {
    const direction = to > from ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${set} from ${from} to ${to}`;
    const news = { type: 'Normal', reason: 'ScalingReplicaSet', message } as const;
    await this.#recorder.tell(deployments, deployment, news);
  }

  async #report(
    { metadata }: Deployment,
    advance: Advance | undefined,
  ): Promise<Deployment['status']> {
    const now = this.#parts.clock.now();
    const newest = this.#client.get(deployments, metadata);
    if (newest?.metadata.uid !== metadata.uid) return undefined;
    const { sets, newSet } = await this.#look(newest);
    const isNew = newSet !== undefined && newSet.metadata.name === advance?.made;
    const written = await this.#client.updateStatus(deployments, metadata, (deployment) =>
      deploymentStatus({ deployment, sets, newSet, isNew, failure: advance?.failure, now }),
    );
    return written?.status;
  }
}

/** What came of a plan. */
interface Advance {
  /** Name of the set that was made. */
  readonly made?: string;
  readonly failure?: string;
  readonly error?: Error;
}
