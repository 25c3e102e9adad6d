import { keyParts, objectKey, type ObjectKey, type Uid } from '@skerry/shared/names';
import { at, field, text } from '../kube/json-read.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { AlreadyExists, Conflict, NotFound } from '../kube/kube-errors.ts';
import { cronJobs, jobs } from '../kube/resource.ts';
import { nodeOfCronJob } from '../route/cron-jobs.ts';
import type { CurrentObjects, KubeObject } from './current-objects.ts';
import { isFields, type Fields } from './merge-diff.ts';
import {
  accepted,
  forbidden,
  malformed,
  notFound,
  type ReportWriter,
  type Submission,
} from './report-writer.ts';
import type { StatusWriter } from './status-writer.ts';

/** Who looks after a Job that an edge node runs: not the controller of the cluster. */
export const jobManager = 'edge.skerry.io/edgecore';

export interface JobWriterParts {
  readonly api: KubeApi;
  readonly current: CurrentObjects;
  readonly statuses: StatusWriter;
}

/** Writes what a node says about the CronJobs that it runs: `{uid, status}`. */
export function cronJobStatusWriter(statuses: StatusWriter): ReportWriter {
  return async ({ node, key, payload }, signal) => {
    const uid = text(field(payload, 'uid'));
    const status = field(payload, 'status');
    if (uid === undefined || !isFields(status)) return malformed(key, 'needs a uid and a status');
    try {
      const written = await statuses.write(
        { type: cronJobs, key },
        (cronJob) => {
          if (nodeOfCronJob(cronJob) !== node) return forbidden(node, key);
          if (cronJob.metadata.uid !== uid) return notFound(key);
          return { do: 'write', status: { ...cronJob.status, ...status } };
        },
        signal,
      );
      return written.do === 'refused' ? written : accepted;
    } catch (error) {
      if (error instanceof NotFound) return notFound(key);
      throw error;
    }
  };
}

/**
 * Writes the Jobs that a node has run: `{cronJob: {name, uid}, scheduledTime, status, gone}`. What a Job
 * looks like, its CronJob says; the node says when it began and what became of it. A Job that is `gone`
 * from the node's history is deleted.
 *
 * Refuses Jobs of a CronJob that the node does not run, and those whose name is not of that CronJob.
 */
export function jobWriter(parts: JobWriterParts): ReportWriter {
  return async (submission, signal) => {
    const said = parseJob(submission);
    if (!said) return malformed(submission.key, 'needs cronJob, scheduledTime and status');
    try {
      const cronJob = await parts.current.get(cronJobs, said.cronJob, signal);
      if (nodeOfCronJob(cronJob) !== submission.node)
        return forbidden(submission.node, submission.key);
      if (cronJob.metadata.uid !== said.uid) return notFound(submission.key);
      if (said.gone) await remove(parts, submission.key, said.uid, signal);
      else await write(parts, submission.key, { cronJob, said }, signal);
      return accepted;
    } catch (error) {
      if (error instanceof NotFound) return notFound(submission.key);
      throw error;
    }
  };
}

interface SaidJob {
  readonly cronJob: ObjectKey;
  readonly uid: string;
  readonly scheduledTime: string;
  readonly status: Fields;
  readonly gone: boolean;
}

function parseJob({ key, payload }: Submission): SaidJob | undefined {
  const { namespace, name } = keyParts(key);
  const owner = text(at(payload, 'cronJob', 'name'));
  const uid = text(at(payload, 'cronJob', 'uid'));
  const scheduledTime = text(field(payload, 'scheduledTime'));
  const status = field(payload, 'status');
  if (owner === undefined || owner.includes('/') || uid === undefined) return undefined;
  if (scheduledTime === undefined || !isFields(status)) return undefined;
  if (!name.startsWith(`${owner}-`) || !/^\d+$/.test(name.slice(owner.length + 1)))
    return undefined;
  const cronJob = objectKey(cronJobs.name, namespace, owner);
  return { cronJob, uid, scheduledTime, status, gone: field(payload, 'gone') === true };
}

interface Writing {
  readonly cronJob: KubeObject;
  readonly said: SaidJob;
}

async function write(
  { api, current, statuses }: JobWriterParts,
  key: ObjectKey,
  { cronJob, said }: Writing,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name } = keyParts(key);
  const known = await owned({ current }, key, said.uid, signal);
  if (known === 'none') {
    try {
      const job = jobOf(cronJob, name, said.scheduledTime);
      current.remember(key, await api.create(jobs, namespace, job, signal));
    } catch (error) {
      if (!(error instanceof AlreadyExists)) throw error;
    }
  }
  if (known === 'foreign') return;
  await statuses.write(
    { type: jobs, key },
    ({ status = {} }) => ({ do: 'write', status: { ...status, ...said.status } }),
    signal,
  );
}

/** Whether there is a Job of that name, and of this CronJob. */
async function owned(
  { current }: Pick<JobWriterParts, 'current'>,
  key: ObjectKey,
  uid: string,
  signal: AbortSignal,
): Promise<'none' | 'ours' | 'foreign'> {
  try {
    const job = await current.reread(jobs, key, signal);
    const [owner] = (field(job.metadata, 'ownerReferences') ?? []) as unknown[];
    return text(field(owner, 'uid')) === uid ? 'ours' : 'foreign';
  } catch (error) {
    if (error instanceof NotFound) return 'none';
    throw error;
  }
}

async function remove(
  parts: JobWriterParts,
  key: ObjectKey,
  uid: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await owned(parts, key, uid, signal)) !== 'ours') return;
  const job = parts.current.known(key);
  parts.current.forget(key);
  try {
    await parts.api.delete(jobs, key, job ? { uid: job.metadata.uid as Uid } : {}, signal);
  } catch (error) {
    if (!(error instanceof NotFound) && !(error instanceof Conflict)) throw error;
  }
}

/**
 * The Job as the CronJob controller would make it, but for who looks after it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#delegation-of-managing-a-job-object-to-external-controller
 */
function jobOf(cronJob: KubeObject, name: string, scheduledTime: string): object {
  const { metadata } = cronJob;
  const template = at(cronJob, 'spec', 'jobTemplate');
  const fields = (value: unknown): Fields => (isFields(value) ? value : {});
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: metadata.namespace,
      labels: fields(at(template, 'metadata', 'labels')),
      annotations: {
        ...fields(at(template, 'metadata', 'annotations')),
        'batch.kubernetes.io/cronjob-scheduled-timestamp': scheduledTime,
      },
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          name: metadata.name,
          uid: metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { ...fields(field(template, 'spec')), managedBy: jobManager },
  };
}
