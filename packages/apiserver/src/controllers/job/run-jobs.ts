import { againIn, type Requeue } from '@skerry/shared/workqueue';
import { isNamespaceTerminating } from '../../refusals.ts';
import type { Held } from '../../storage/held.ts';
import { placeOf, type ClusterClient } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { jobs, pods, type Job } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { reconcile } from '../reconcile.ts';
import { claim, withMeta } from '../workload/claim.ts';
import { keysOfController } from '../workload/owned-keys.ts';
import { slowStart } from '../workload/slow-start.ts';
import { planPods } from './plan.ts';
import { podOfJob } from './job-pod.ts';
import { jobStatus } from './status.ts';
import { isHeld, tallyOf, trackingFinalizer, type Tally } from './tally.ts';
import { endOf, judgeJob, untilDeadlineMs, untilExpiryMs, type JobEnd } from './verdict.ts';

const ownName = 'kubernetes.io/job-controller';

/**
 * Runs jobs to their end, until `signal` aborts.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
export async function runJobs(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const runner = new JobRunner(parts);
  const sources = {
    [jobs.storage]: ({ id }: Held) => [id],
    [pods.storage]: (held: Held) => keysOfPod(parts, held),
  };
  await reconcile({ ...parts, sources, turn: (key) => runner.turn(key) }, signal);
}

/** The job that a pod belongs to; a pod that waits to be counted and belongs to none, for itself. */
function keysOfPod({ client }: ControllerParts, held: Held): readonly string[] {
  if (client.controllerOf(held)) return keysOfController(client, jobs)(held);
  const isStray = held.labels['batch.kubernetes.io/job-name'] !== undefined;
  return isStray ? [`${held.namespace}//${held.name}`] : [];
}

class JobRunner {
  readonly #parts: ControllerParts;
  readonly #client: ClusterClient;
  readonly #recorder: EventRecorder;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#recorder = new EventRecorder(parts, { component: 'job-controller' });
  }

  async turn(key: string): Promise<Requeue> {
    const [namespace = '', , stray] = key.split('/');
    if (stray !== undefined) return this.#letGo(this.#strays(namespace, stray));
    const job = this.#client.get(jobs, placeOf(key));
    if (!job || job.metadata.deletionTimestamp !== undefined)
      return this.#letGo(this.#podsOf(placeOf(key)));
    if ((job.spec.managedBy ?? ownName) !== ownName) return undefined;
    return endOf(job) === undefined ? this.#advance(job) : this.#finish(job);
  }

  #strays(namespace: string, name: string): readonly Pod[] {
    const pod = this.#client.get(pods, { namespace, name });
    return pod ? [pod] : [];
  }

  /** By the name of the job: it may be gone. */
  #podsOf({ namespace, name }: { namespace: string; name: string }): readonly Pod[] {
    return this.#client.list(pods, namespace, (held) => {
      const owner = this.#client.controllerOf(held);
      return owner?.kind === jobs.kind && owner.name === name;
    });
  }

  /** Nobody will count them any more. */
  async #letGo(some: readonly Pod[]): Promise<undefined> {
    await Promise.all(some.filter(isHeld).map((pod) => this.#release(pod)));
    return undefined;
  }

  async #release({ metadata }: Pod): Promise<void> {
    await this.#client.update(pods, metadata, (pod) =>
      withMeta(pod, {
        finalizers: (pod.metadata.finalizers ?? []).filter((one) => one !== trackingFinalizer),
      }),
    );
  }

  async #advance(job: Job): Promise<Requeue> {
    const { clock } = this.#parts;
    const claimer = { kind: jobs, owner: job, selector: job.spec.selector };
    const owned = await claim(this.#client, pods, claimer);
    const now = clock.now();
    const tally = tallyOf(job, owned);
    const end = judgeJob(job, tally, now);
    const written = await this.#client.updateStatus(jobs, job.metadata, ({ status = {} }) =>
      jobStatus({ ...job, status }, tally, end, now),
    );
    await this.#tellEnd(job, written, end);
    await this.#letGo(tally.counted);
    if (end) {
      await this.#removeAll(tally.active);
      return undefined;
    }
    const waitMs = await this.#manage(job, owned, tally);
    return againIn(waitMs, written && untilDeadlineMs(written, now));
  }

  /** Milliseconds until more may be begun. */
  async #manage(job: Job, owned: readonly Pod[], tally: Tally): Promise<number | undefined> {
    const plan = planPods(job, owned, tally, this.#parts.clock.now());
    for (const pod of plan.remove) {
      await this.#release(pod);
      await this.#removeAll([pod]);
    }
    const queue = [...plan.create];
    try {
      await slowStart(queue.length, () => this.#create(job, queue.shift(), owned));
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
    return plan.waitMs;
  }

  async #create(job: Job, index: number | undefined, owned: readonly Pod[]): Promise<void> {
    const wanted = podOfJob(job, index, owned);
    const pod = await this.#client.create(pods, job.metadata.namespace, wanted);
    await this.#tell(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
  }

  async #removeAll(some: readonly Pod[]): Promise<void> {
    await Promise.all(
      some.map(({ metadata }) => this.#client.delete(pods, metadata, { uid: metadata.uid })),
    );
  }

  async #finish(job: Job): Promise<Requeue> {
    await this.#letGo(this.#podsOf(job.metadata));
    const leftMs = untilExpiryMs(job, this.#parts.clock.now());
    if (leftMs === undefined || leftMs > 0) return againIn(leftMs);
    const { uid } = job.metadata;
    await this.#client.delete(jobs, job.metadata, { uid, propagation: 'Foreground' });
    return undefined;
  }

  /** Once, with the write that says so. */
  async #tellEnd(before: Job, after: Job | undefined, end: JobEnd | undefined): Promise<void> {
    const [was, is] = [isSuspended(before), isSuspended(after)];
    if (is && !was) await this.#tell(before, 'Normal', 'Suspended', 'Job suspended');
    if (after && was && !is) await this.#tell(before, 'Normal', 'Resumed', 'Job resumed');
    if (!after || !end || endOf(after) === undefined) return;
    if (end.outcome === 'Failed') await this.#tell(before, 'Warning', end.reason, end.message);
    else await this.#tell(before, 'Normal', 'Completed', 'Job completed');
  }

  #tell(job: Job, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    return this.#recorder.tell(jobs, job, { type, reason, message });
  }
}

function isSuspended(job: Job | undefined): boolean {
  const { conditions = [] } = job?.status ?? {};
  return conditions.some(({ type, status }) => type === 'Suspended' && status === 'True');
}
