import { reportClasses } from '@skerry/shared/delivery/report';
import { latencyBucketsSeconds, type Metrics } from '@skerry/shared/metrics';
import { ReportOutbox, type ReportOutboxParts } from './report-outbox.ts';

const acceptBucketsSeconds = [...latencyBucketsSeconds, 60, 600, 3_600, 86_400];

/** The reports of this node, and what Prometheus may know of them. */
export async function openReports(
  parts: Pick<ReportOutboxParts, 'store' | 'policies' | 'clock' | 'tracing'> & {
    readonly metrics: Metrics;
  },
): Promise<ReportOutbox> {
  const { metrics, clock } = parts;
  const dropped = metrics.counter(
    'reports_dropped_total',
    'Reports that were given up, by class and reason.',
    ['class', 'reason'],
  );
  const accepted = metrics.histogram(
    'report_accept_seconds',
    'Time from a report until the API server has accepted it, cuts included.',
    acceptBucketsSeconds,
    ['class'],
  );
  const secondsSince = (at: number): number => Math.max(0, clock.now() - at) / 1_000;
  const reports = await ReportOutbox.open({
    ...parts,
    onDropped: (kind, reason) => dropped.inc({ class: kind, reason }),
    onAccepted: (kind, at) => accepted.observe(secondsSince(at), { class: kind }),
  });
  measure(metrics, reports, secondsSince);
  return reports;
}

function measure(
  metrics: Metrics,
  reports: ReportOutbox,
  secondsSince: (at: number) => number,
): void {
  metrics.gaugesOf(
    'reports_bytes',
    'Payload of reports that the API server has not accepted yet, bytes.',
    ['class'],
    () => reportClasses.map((kind) => [{ class: kind }, reports.bytesOf(kind)] as const),
  );
  metrics.gaugeOf(
    'reports_pending',
    'Reports that the API server has not accepted yet.',
    () => reports.size,
  );
  metrics.gaugeOf(
    'reports_oldest_seconds',
    'Age of the oldest of them; 0 when there is none.',
    () => (reports.oldestAt === undefined ? 0 : secondsSince(reports.oldestAt)),
  );
}
