import type { Clock, Random } from '@skerry/shared/clock';
import type { Report, ReportOutcome, TimedReport } from '@skerry/shared/delivery/report';
import { writesResource } from '@skerry/shared/edge-write';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import type { NodeName, ResourceName } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { aborted } from '@skerry/shared/supervise';
import type { KubeApi } from '../kube/kube-api.ts';
import {
  alerts,
  cronJobs,
  devices,
  events,
  jobs,
  nodes,
  persistentVolumes,
  pods,
  silences,
  statusJudgements,
} from '../kube/resource.ts';
import { resourceOf } from '../route/observed.ts';
import type { Placement } from '../route/placement.ts';
import { alertWriter } from './alert-writer.ts';
import { Coalescer } from './coalescer.ts';
import type { CurrentObjects } from './current-objects.ts';
import { DesiredWriter } from './desired-writer.ts';
import { deviceStatusWriter } from './device-status-writer.ts';
import { cronJobStatusWriter, jobWriter } from './job-writer.ts';
import { edgeWriter } from './edge-writer.ts';
import { eventWriter } from './event-writer.ts';
import { judgementWriter } from './judgement-writer.ts';
import type { Rank } from './fair-queue.ts';
import { localVolumeWriter } from './local-volume-writer.ts';
import { measuredWriter } from './measured-writer.ts';
import { nodeStatusWriter } from './node-status-writer.ts';
import { podStatusWriter } from './pod-status-writer.ts';
import { malformed, unsupported, type ReportWriter } from './report-writer.ts';
import { silenceWriter } from './silence-writer.ts';
import { StatusWriter } from './status-writer.ts';

/** Writes under way at once; Leases have their own. */
export const upstreamConcurrency = 16;

/** From a node nearby to one that was away for a week. */
const ageBucketsSeconds = [0.01, 0.1, 1, 10, 60, 600, 3_600, 86_400, 604_800];

/** Brings what nodes report to the API server. */
export interface Upstream {
  /**
   * Resolves once the API server has accepted the report (or a newer one of its key) or refused it for
   * good; what may be tried again is, inside. Rejects only when the hub stops.
   */
  submit(node: NodeName, report: TimedReport): Promise<ReportOutcome>;
  /** Works until `signal` aborts. Reports submitted before wait. */
  run(signal: AbortSignal): Promise<void>;
}

export interface UpstreamParts {
  readonly api: KubeApi;
  readonly placement: Placement;
  readonly current: CurrentObjects;
  /** Time between two writes of one object, milliseconds. */
  readonly coalesceMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface Row {
  readonly write: ReportWriter;
  readonly rank: Rank;
}

export function openUpstream(parts: UpstreamParts): Upstream {
  const { placement, metrics, clock } = parts;
  const rows = rowsOf(parts);
  const outcomes = metrics.counter<'outcome'>(
    'upstream_reports_total',
    'Reports of nodes, by what became of them.',
    ['outcome'],
  );
  const age = metrics.histogram<'class'>(
    'report_age_seconds',
    'Time from the report at the node to its acceptance, by the clocks of both.',
    ageBucketsSeconds,
    ['class'],
  );
  const coalescer = openCoalescer(parts, rows);
  const settle = (node: NodeName, { key, payload }: Report): Promise<ReportOutcome> => {
    const row = rows.get(resourceOf(key));
    if (!row) return Promise.resolve(unsupported(key));
    const parsed = parse(payload);
    if (parsed === undefined) return Promise.resolve(malformed(key, 'is not JSON'));
    return coalescer.submit({ node, key, payload: parsed }, row.rank);
  };
  return {
    submit: async (node, report) => {
      const outcome = await settle(node, report);
      outcomes.inc({ outcome: outcome.do });
      if (report.at > 0) age.observe(ageSeconds(report, clock.now()), { class: report.class });
      return outcome;
    },
    run: async (signal) => {
      await Promise.race([placement.whenSynced, aborted(signal)]); // until then, absence means nothing
      await coalescer.run(signal);
    },
  };
}

function openCoalescer(parts: UpstreamParts, rows: ReadonlyMap<ResourceName, Row>): Coalescer {
  const retries = parts.metrics.counter<'code'>(
    'upstream_retries_total',
    'Writes to the API server that failed and were tried again.',
    ['code'],
  );
  const coalescer = new Coalescer({
    ...parts,
    write: measuredWriter(
      (submission, signal) =>
        rows.get(resourceOf(submission.key))?.write(submission, signal) ??
        Promise.resolve(unsupported(submission.key)),
      parts,
    ),
    concurrency: upstreamConcurrency,
    spacingMs: parts.coalesceMs,
    onRetry: (code) => retries.inc({ code }),
  });
  parts.metrics.gaugeOf(
    'upstream_pending',
    'Objects with reports that are not settled.',
    () => coalescer.pending,
  );
  return coalescer;
}

/** Who writes what: a kind of report is a row. */
function rowsOf({ api, placement, current, clock }: UpstreamParts): ReadonlyMap<ResourceName, Row> {
  const statuses = new StatusWriter(api, current);
  const parts = { api, current, statuses, clock };
  return new Map<ResourceName, Row>([
    [nodes.name, { write: nodeStatusWriter(parts), rank: 'urgent' }],
    [pods.name, { write: podStatusWriter(parts), rank: 'urgent' }],
    [devices.name, { write: deviceStatusWriter(statuses, new DesiredWriter(parts)), rank: 'bulk' }],
    [cronJobs.name, { write: cronJobStatusWriter(statuses), rank: 'bulk' }],
    [jobs.name, { write: jobWriter(parts), rank: 'bulk' }],
    [statusJudgements.name, { write: judgementWriter({ ...parts, placement }), rank: 'bulk' }],
    [alerts.name, { write: alertWriter({ ...parts, placement }), rank: 'urgent' }],
    [persistentVolumes.name, { write: localVolumeWriter(parts), rank: 'bulk' }],
    [silences.name, { write: silenceWriter(parts), rank: 'urgent' }],
    [writesResource, { write: edgeWriter({ api, current, placement }), rank: 'urgent' }],
    [events.name, { write: eventWriter(api, placement), rank: 'bulk' }],
  ]);
}

/** Never below zero: clocks differ. */
function ageSeconds({ at }: TimedReport, now: number): number {
  return Math.max(0, now - at) / 1_000;
}

function parse(payload: Uint8Array): unknown {
  try {
    return parseJson(payload);
  } catch {
    return undefined;
  }
}
