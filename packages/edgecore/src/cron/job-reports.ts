import { kubeTime } from '@skerry/shared/clock';
import type { Report } from '@skerry/shared/delivery/report';
import { objectKey, resourceName, type ObjectKey } from '@skerry/shared/names';
import type { CronJobObject } from './cron-job.ts';
import { isUnderWay, type JobRun } from './job-run.ts';

export const CRON_JOBS: ReturnType<typeof resourceName> = resourceName('cronjobs', 'batch');
const JOBS = resourceName('jobs', 'batch');

/** What a node remembers of a CronJob. */
export interface CronLedger {
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly lastScheduledAt?: number | undefined;
  readonly lastSuccessAt?: number | undefined;
  readonly runs: readonly JobRun[];
}

/** What a node says of one run: the payload for key `jobs.batch/<ns>/<name>`. */
export interface JobPayload {
  readonly cronJob: { readonly name: string; readonly uid: string };
  readonly scheduledTime: string;
  readonly status: object;
  /** History has no room for it any more. */
  readonly gone: boolean;
}

/** A CronJob's ledger as it was, as far as that has been said since this agent started, and as it becomes. */
export interface LedgerNews {
  readonly before: CronLedger;
  readonly said: CronLedger | undefined;
  readonly next: CronLedger;
}

/** Pure: what is to be said; all of it where nothing has been said yet. */
export function ledgerReports(
  key: ObjectKey,
  cronJob: CronJobObject,
  { before, said, next }: LedgerNews,
): Report[] {
  const known = new Map((said?.runs ?? []).map((run) => [run.name, JSON.stringify(run)]));
  const news = next.runs.filter((run) => known.get(run.name) !== JSON.stringify(run));
  const kept = new Set(next.runs.map(({ name }) => name));
  const gone = before.runs.filter(({ name }) => !kept.has(name));
  const reports = [
    ...news.map((run) => jobReport(cronJob, run, false)),
    ...gone.map((run) => jobReport(cronJob, run, true)),
  ];
  if (said && reports.length === 0) return [];
  return [...reports, cronJobReport(key, cronJob, next)];
}

function jobReport({ metadata }: CronJobObject, run: JobRun, gone: boolean): Report {
  const { name, uid } = metadata;
  const scheduledTime = kubeTime(run.scheduledAt);
  const payload: JobPayload = {
    cronJob: { name, uid },
    scheduledTime,
    status: jobStatus(run),
    gone,
  };
  return statusReport(objectKey(JOBS, metadata.namespace, run.name), payload);
}

function cronJobReport(key: ObjectKey, { metadata }: CronJobObject, ledger: CronLedger): Report {
  const { lastScheduledAt, lastSuccessAt, runs } = ledger;
  const active = runs.filter(isUnderWay).map(({ name }) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    name,
    namespace: metadata.namespace,
  }));
  const status = {
    active,
    ...(lastScheduledAt !== undefined && { lastScheduleTime: kubeTime(lastScheduledAt) }),
    ...(lastSuccessAt !== undefined && { lastSuccessfulTime: kubeTime(lastSuccessAt) }),
  };
  return statusReport(key, { uid: metadata.uid, status });
}

/**
 * The status of a run as the Job controller writes it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
 */
export function jobStatus({ startedAt, failures, state }: JobRun): object {
  const startTime = kubeTime(startedAt);
  const counts = { failed: failures, ready: 0, terminating: 0 };
  switch (state.phase) {
    case 'active':
      return { startTime, ...counts, active: 1 };
    case 'waiting':
      return { startTime, ...counts, active: 0 };
    case 'complete': {
      const completionTime = kubeTime(state.finishedAt);
      const conditions = conditionsOf(
        ['SuccessCriteriaMet', 'Complete'],
        'CompletionsReached',
        state,
      );
      return { startTime, ...counts, active: 0, succeeded: 1, completionTime, conditions };
    }
    case 'failed': {
      const conditions = conditionsOf(['FailureTarget', 'Failed'], state.reason, state);
      return { startTime, ...counts, active: 0, conditions };
    }
  }
}

function conditionsOf(
  types: readonly string[],
  reason: string,
  { finishedAt }: { readonly finishedAt: number },
): object[] {
  const time = kubeTime(finishedAt);
  const rest = { status: 'True', reason, lastProbeTime: time, lastTransitionTime: time };
  return types.map((type) => ({ type, ...rest }));
}

function statusReport(key: ObjectKey, payload: object): Report {
  return { class: 'status', key, payload: Buffer.from(JSON.stringify(payload)) };
}
