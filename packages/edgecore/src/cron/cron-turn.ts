import { createHash } from 'node:crypto';
import {
  decideCron,
  unparseable,
  type CronDecision,
  type CronNote,
} from '@skerry/shared/cron-decision';
import { parseCronSchedule } from '@skerry/shared/cron-schedule';
import { objectKey, uid, type NodeName, type ObjectKey } from '@skerry/shared/names';
import type { PodObject, PodPhase } from '../pods/pod.ts';
import { PODS } from '../pods/pod-key.ts';
import { isSuspended, type CronJobObject } from './cron-job.ts';
import type { CronLedger } from './job-reports.ts';
import { afterPod, beyondHistory, isUnderWay, runName, type JobRun } from './job-run.ts';
import { podKeysOf, podName, runPod } from './run-pod.ts';

/** A CronJob at one moment. */
export interface CronTurn {
  readonly cronJob: CronJobObject;
  readonly ledger: CronLedger;
  readonly node: NodeName;
  readonly phaseOf: (pod: ObjectKey) => PodPhase | undefined;
  readonly now: number;
}

/** What follows: the ledger as it becomes, the pods to make and to drop, and what is worth telling. */
export interface CronStep {
  readonly ledger: CronLedger;
  readonly make: readonly PodObject[];
  readonly drop: readonly ObjectKey[];
  readonly notes: readonly CronNote[];
  readonly againAt?: number | undefined;
}

/** Pure: takes note of what pods have come to, begins what is due, and forgets what is beyond history. */
export function stepCron(turn: CronTurn): CronStep {
  const { cronJob, ledger } = turn;
  const seen = ledger.runs.map((run) => advance(run, turn));
  const decision = decide(turn, seen.filter(isUnderWay).length);
  const fired = decision.fire ? unlessKnown(begin(turn, decision.fire.at), seen) : [];
  const replaces = decision.fire?.replace === true && fired.length > 0;
  const replaced = replaces ? seen.filter(isUnderWay) : [];
  const runs = [...seen.filter((run) => !replaced.includes(run)), ...fired];
  const old = beyondHistory(runs, {
    successful: cronJob.spec.successfulJobsHistoryLimit ?? 3,
    failed: cronJob.spec.failedJobsHistoryLimit ?? 1,
  });
  const kept = runs.filter((run) => !old.includes(run));
  return {
    ledger: {
      uid: ledger.uid,
      lastScheduledAt: decision.fire?.at ?? ledger.lastScheduledAt,
      lastSuccessAt: lastSuccess(seen, ledger),
      runs: kept,
    },
    make: kept.filter((run) => isNewPod(run, ledger)).map((run) => podOf(run, turn)),
    drop: [...replaced, ...old].flatMap((run) => podKeysOf(cronJob.metadata.namespace, run)),
    notes: decision.notes,
    againAt: earliest([decision.againAt, ...kept.map(({ state }) => retryAt(state))]),
  };
}

function decide({ cronJob, ledger, now }: CronTurn, active: number): CronDecision {
  const { metadata, spec } = cronJob;
  const schedule = parseCronSchedule(spec.schedule, spec.timeZone);
  if (!schedule) return { notes: [unparseable(spec.schedule, spec.timeZone)] };
  if (isSuspended(cronJob)) return { notes: [] };
  const { startingDeadlineSeconds: deadline } = spec;
  return decideCron({
    schedule,
    startingDeadlineMs: deadline === undefined ? undefined : deadline * 1_000,
    concurrency: spec.concurrencyPolicy ?? 'Allow',
    since: ledger.lastScheduledAt ?? startOf(cronJob, metadata.creationTimestamp, now),
    active,
    now,
  });
}

/** A node that has forgotten goes on where the cluster saw it last. */
function startOf({ status }: CronJobObject, createdAt: string | undefined, now: number): number {
  const known = [status?.lastScheduleTime, createdAt].map((time) => Date.parse(time ?? ''));
  return known.find((time) => !Number.isNaN(time)) ?? now;
}

/** What has become of a run's pod; the next one, when it is time for it. */
function advance(run: JobRun, { cronJob, phaseOf, now }: CronTurn): JobRun {
  const key = objectKey(PODS, cronJob.metadata.namespace, run.pod);
  const { backoffLimit } = cronJob.spec.jobTemplate.spec;
  const seen = afterPod(run, phaseOf(key), backoffLimit, now);
  if (seen.state.phase !== 'waiting' || seen.state.at > now) return seen;
  return { ...seen, pod: podName(seen.name, seen.failures), state: { phase: 'active' } };
}

function begin({ cronJob, now }: CronTurn, scheduledAt: number): JobRun {
  const { metadata } = cronJob;
  const name = runName(metadata.name, scheduledAt);
  return {
    name,
    uid: uid(derivedUid(metadata.uid, name)),
    scheduledAt,
    startedAt: now,
    failures: 0,
    pod: podName(name, 0),
    state: { phase: 'active' },
  };
}

/** There is one run a minute, as its name says. */
function unlessKnown(run: JobRun, known: readonly JobRun[]): JobRun[] {
  return known.some(({ name }) => name === run.name) ? [] : [run];
}

function isNewPod(run: JobRun, { runs }: CronLedger): boolean {
  const before = runs.find(({ name }) => name === run.name);
  return run.state.phase === 'active' && before?.pod !== run.pod;
}

function podOf(run: JobRun, { cronJob, node }: CronTurn): PodObject {
  return runPod(cronJob, run, { node, podUid: derivedUid(run.uid, run.pod) });
}

/** The same for the same run, so that what was cut short is done again and not twice. */
function derivedUid(of: string, name: string): string {
  const hex = createHash('sha256').update(`${of} ${name}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}

function lastSuccess(runs: readonly JobRun[], { lastSuccessAt }: CronLedger): number | undefined {
  const ends = runs.map(({ state }) => (state.phase === 'complete' ? state.finishedAt : undefined));
  const known = [lastSuccessAt, ...ends].filter((time) => time !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function retryAt(state: JobRun['state']): number | undefined {
  return state.phase === 'waiting' ? state.at : undefined;
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
