import { kubeTime } from '@skerry/shared/clock';
import {
  decideCron,
  unparseable,
  type CronDecision,
  type CronNote,
  type CronScene,
} from '@skerry/shared/cron-decision';
import { parseCronSchedule, type CronSchedule } from '@skerry/shared/cron-schedule';
import { againIn, type Requeue } from '@skerry/shared/workqueue';
import type { JsonObject } from '../../json.ts';
import { isNamespaceTerminating } from '../../refusals.ts';
import type { Held } from '../../storage/held.ts';
import { isConflict, placeOf, type ClusterClient } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { controllerOf, controllerReference, cronJobs, jobs } from '../client/kinds.ts';
import type { CronJob, Job } from '../client/kinds.ts';
import type { ObjectReference } from '../client/objects.ts';
import { endOf } from '../job/verdict.ts';
import { reconcile } from '../reconcile.ts';
import { keysOfController } from '../workload/owned-keys.ts';
import { byAge, createdAt } from '../workload/pod-state.ts';

/** A CronJob with this annotation and `edge` is run by the edge. */
const runAtAnnotation = 'edge.skerry.io/run-at';

/**
 * Begins jobs by the clock, until `signal` aborts.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
export async function runCronJobs(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const keeper = new CronKeeper(parts);
  const sources = {
    [cronJobs.storage]: ({ id }: Held) => [id],
    [jobs.storage]: keysOfController(parts.client, cronJobs),
  };
  await reconcile({ ...parts, sources, turn: (key) => keeper.turn(key) }, signal);
}

class CronKeeper {
  readonly #parts: ControllerParts;
  readonly #client: ClusterClient;
  readonly #recorder: EventRecorder;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#recorder = new EventRecorder(parts, { component: 'cronjob-controller' });
  }

  async turn(key: string): Promise<Requeue> {
    const cronJob = this.#client.get(cronJobs, placeOf(key));
    if (!cronJob || cronJob.metadata.annotations?.[runAtAnnotation] === 'edge') return undefined;
    if (cronJob.metadata.deletionTimestamp !== undefined) return undefined;
    const owned = this.#jobsOf(cronJob);
    await this.#keepHistory(cronJob, owned);
    const kept = await this.#noteEnds(cronJob, owned);
    if (kept.spec.suspend === true) return undefined;
    const { schedule, timeZone } = kept.spec;
    const times = parseCronSchedule(schedule, timeZone);
    if (times) return this.#runDue(kept, owned, times);
    await this.#tell(kept, unparseable(schedule, timeZone));
    return undefined;
  }

  async #runDue(cronJob: CronJob, owned: readonly Job[], schedule: CronSchedule): Promise<Requeue> {
    const now = this.#parts.clock.now();
    const decision = decideCron(sceneOf(cronJob, owned, schedule, now));
    for (const note of decision.notes) await this.#tell(cronJob, note);
    if (decision.fire) await this.#begin(cronJob, owned, decision.fire);
    return againIn(decision.againAt && decision.againAt - now);
  }

  #jobsOf({ metadata }: CronJob): readonly Job[] {
    const isOwn = (held: Held): boolean => this.#client.controllerOf(held)?.uid === metadata.uid;
    return this.#client.list(jobs, metadata.namespace, isOwn);
  }

  async #keepHistory({ spec }: CronJob, owned: readonly Job[]): Promise<void> {
    const limits = [
      ['Complete', spec.successfulJobsHistoryLimit],
      ['Failed', spec.failedJobsHistoryLimit],
    ] as const;
    for (const [outcome, limit] of limits) {
      if (limit === undefined) continue;
      const ended = owned.filter((job) => endOf(job) === outcome).toSorted(byAge);
      for (const { metadata } of ended.slice(0, Math.max(0, ended.length - limit)))
        await this.#client.delete(jobs, metadata, { uid: metadata.uid, propagation: 'Background' });
    }
  }

  /** Brings the list of jobs that run up to date, and answers with the CronJob as it then is. */
  async #noteEnds(cronJob: CronJob, owned: readonly Job[]): Promise<CronJob> {
    const running = owned.filter((job) => endOf(job) === undefined);
    const written = await this.#client.updateStatus(
      cronJobs,
      cronJob.metadata,
      ({ status = {} }) => {
        const lastSuccess = lastSuccessOf(owned, status.lastSuccessfulTime);
        const { active: _active, ...rest } = status;
        return {
          ...rest,
          ...(running.length === 0 ? {} : { active: running.map(referenceTo) }),
          ...(lastSuccess === undefined ? {} : { lastSuccessfulTime: lastSuccess }),
        };
      },
    );
    await this.#tellEnds(cronJob, owned);
    return written ?? cronJob;
  }

  async #tellEnds(cronJob: CronJob, owned: readonly Job[]): Promise<void> {
    for (const { name, uid } of cronJob.status?.active ?? []) {
      const job = owned.find(({ metadata }) => metadata.uid === uid);
      const outcome = job && endOf(job);
      if (!job)
        await this.#tell(cronJob, normal('MissingJob', `Active job went missing: ${name ?? ''}`));
      else if (outcome !== undefined)
        await this.#tell(
          cronJob,
          normal('SawCompletedJob', `Saw completed job: ${name ?? ''}, condition: ${outcome}`),
        );
    }
  }

  async #begin(
    cronJob: CronJob,
    owned: readonly Job[],
    { at, replace }: NonNullable<CronDecision['fire']>,
  ): Promise<void> {
    if (replace) await this.#removeRunning(cronJob, owned);
    const job = await this.#create(cronJob, at);
    if (!job) return;
    await this.#client.updateStatus(cronJobs, cronJob.metadata, ({ status = {} }) => {
      const others = (status.active ?? []).filter(({ uid }) => uid !== job.metadata.uid);
      const active = endOf(job) === undefined ? [...others, referenceTo(job)] : others;
      return {
        ...status,
        ...(active.length === 0 ? {} : { active }),
        lastScheduleTime: kubeTime(at),
      };
    });
  }

  async #removeRunning(cronJob: CronJob, owned: readonly Job[]): Promise<void> {
    for (const { metadata } of owned.filter((job) => endOf(job) === undefined)) {
      const how = { uid: metadata.uid, propagation: 'Background' } as const;
      await this.#client.delete(jobs, metadata, how);
      await this.#tell(cronJob, normal('SuccessfulDelete', `Deleted job ${metadata.name}`));
    }
  }

  /** The job for a time; there is one at most, for its name says the time. */
  async #create(cronJob: CronJob, due: number): Promise<Job | undefined> {
    const { namespace, uid } = cronJob.metadata;
    const body = jobFor(cronJob, due);
    try {
      const job = await this.#client.create(jobs, namespace, body);
      await this.#tell(cronJob, normal('SuccessfulCreate', `Created job ${job.metadata.name}`));
      return job;
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      if (!isConflict(error)) throw error;
      const job = this.#client.get(jobs, { namespace, name: jobName(cronJob, due) });
      return job && controllerOf(job)?.uid === uid ? job : undefined;
    }
  }

  #tell(cronJob: CronJob, note: CronNote): Promise<void> {
    return this.#recorder.tell(cronJobs, cronJob, note);
  }
}

function sceneOf(
  cronJob: CronJob,
  owned: readonly Job[],
  schedule: CronSchedule,
  now: number,
): CronScene {
  const { spec, status } = cronJob;
  const last = Date.parse(status?.lastScheduleTime ?? '');
  const { startingDeadlineSeconds: deadline } = spec;
  return {
    schedule,
    since: Number.isNaN(last) ? createdAt(cronJob) : last,
    startingDeadlineMs: deadline === undefined ? undefined : deadline * 1000,
    concurrency: spec.concurrencyPolicy,
    active: owned.filter((job) => endOf(job) === undefined).length,
    now,
  };
}

function jobName({ metadata }: CronJob, due: number): string {
  return `${metadata.name}-${Math.floor(due / 60_000)}`;
}

function jobFor(cronJob: CronJob, due: number): JsonObject {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate;
  return {
    metadata: {
      name: jobName(cronJob, due),
      ...(metadata.labels ? { labels: metadata.labels } : {}),
      annotations: {
        ...metadata.annotations,
        'batch.kubernetes.io/cronjob-scheduled-timestamp': kubeTime(due),
      },
      ownerReferences: [controllerReference(cronJobs, cronJob)],
    },
    spec,
  };
}

function referenceTo({ metadata }: Job): ObjectReference {
  const { namespace, name, uid, resourceVersion = '' } = metadata;
  return { apiVersion: 'batch/v1', kind: 'Job', namespace, name, uid, resourceVersion };
}

function lastSuccessOf(owned: readonly Job[], known: string | undefined): string | undefined {
  const times = owned.flatMap((job) =>
    endOf(job) === 'Complete' ? (job.status?.completionTime ?? []) : [],
  );
  return [...times, ...(known === undefined ? [] : [known])].sort().at(-1);
}

function normal(reason: string, message: string): CronNote {
  return { type: 'Normal', reason, message };
}
