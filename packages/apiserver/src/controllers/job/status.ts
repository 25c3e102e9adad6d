import { kubeTime } from '@skerry/shared/clock';
import type { Job, JobStatus } from '../client/kinds.ts';
import type { Condition } from '../client/objects.ts';
import { formatIndexes } from './indexes.ts';
import { indexText, type Tally } from './tally.ts';
import type { JobEnd } from './verdict.ts';

/** Pure: what is observed of a job. `end` is how it ends, should it have to. */
export function jobStatus(job: Job, tally: Tally, end: JobEnd | undefined, now: number): JobStatus {
  const { status = {} } = job;
  const { uncounted } = tally;
  const conditions = conditionsOf(job, tally, end, now);
  const isComplete = conditions.some(({ type }) => type === 'Complete');
  const completedIndexes = indexText(tally);
  const isSuspended = job.spec.suspend === true;
  return {
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(isSuspended ? {} : { startTime: startOf(job, now) }),
    ...(isComplete ? { completionTime: status.completionTime ?? kubeTime(now) } : {}),
    ...counted('active', tally.active.length),
    ...counted('succeeded', tally.succeeded),
    ...counted('failed', tally.failed),
    terminating: tally.terminating,
    ready: tally.ready,
    ...(completedIndexes === '' ? {} : { completedIndexes }),
    ...(job.spec.backoffLimitPerIndex === undefined
      ? {}
      : { failedIndexes: formatIndexes(tally.failedIndexes) }),
    uncountedTerminatedPods: {
      ...(uncounted.succeeded.length === 0 ? {} : { succeeded: [...uncounted.succeeded] }),
      ...(uncounted.failed.length === 0 ? {} : { failed: [...uncounted.failed] }),
    },
  };
}

/** A job that is taken up again begins anew. */
function startOf({ status = {} }: Job, now: number): string {
  return status.startTime ?? kubeTime(now);
}

function counted(field: string, count: number): Readonly<Record<string, number>> {
  return count === 0 ? {} : { [field]: count };
}

type JobCondition = Condition & { lastProbeTime?: string };

function conditionsOf(
  { spec, status }: Job,
  tally: Tally,
  end: JobEnd | undefined,
  now: number,
): JobCondition[] {
  let conditions = suspension(status?.conditions ?? [], spec.suspend === true, now);
  if (!end) return conditions;
  const { outcome, reason, message } = end;
  const said = (type: string): JobCondition =>
    condition({ type, status: 'True', reason, message }, now);
  const announced = outcome === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  conditions = added(conditions, said(announced));
  return isSettled(tally) ? added(conditions, said(outcome)) : conditions;
}

/** Every pod has ended and is added up. */
function isSettled({ active, terminating, uncounted }: Tally): boolean {
  return [active, uncounted.succeeded, uncounted.failed].every((pods) => pods.length === 0)
    ? terminating === 0
    : false;
}

function added(conditions: readonly JobCondition[], one: JobCondition): JobCondition[] {
  const isKnown = conditions.some(({ type }) => type === one.type);
  return isKnown ? [...conditions] : [...conditions, one];
}

function suspension(
  conditions: readonly JobCondition[],
  suspended: boolean,
  now: number,
): JobCondition[] {
  const before = conditions.find(({ type }) => type === 'Suspended');
  if ((before?.status === 'True') === suspended) return [...conditions];
  const saying = suspended
    ? { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }
    : { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' };
  return [...conditions.filter((one) => one !== before), condition(saying, now)];
}

function condition(
  saying: { type: string; status: string; reason: string; message: string },
  now: number,
): JobCondition {
  const time = kubeTime(now);
  return { ...saying, lastProbeTime: time, lastTransitionTime: time };
}
