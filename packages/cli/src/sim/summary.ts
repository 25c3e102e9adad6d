import type { Fleet } from './fleet.ts';
import type { Latencies } from './latencies.ts';

/** What a simulation says in the end. Keys carry units; what was never measured is null. */
export interface Summary {
  readonly nodes: number;
  readonly devices: number;
  readonly seconds: number;
  /** From the start until every node was connected, and until every node was in sync. */
  readonly connected_seconds: number | null;
  readonly in_sync_seconds: number | null;
  readonly changes: number;
  readonly changes_per_s: number;
  readonly reports_accepted: number;
  readonly reports_refused: number;
  readonly reports_per_s: number;
  readonly change_p50_ms: number | null;
  readonly change_p99_ms: number | null;
  readonly report_p50_ms: number | null;
  readonly report_p99_ms: number | null;
  /** Ends of sessions, failed attempts and refused changes, by code. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface Milestones {
  readonly seconds: number;
  readonly connected: number | undefined;
  readonly inSync: number | undefined;
}

export function summarize({ tally, size, devices }: Fleet, at: Milestones): Summary {
  const { changes, reportsAccepted, reportsRefused, failures } = tally;
  return {
    nodes: size,
    devices,
    seconds: rounded(at.seconds),
    connected_seconds: orNull(at.connected),
    in_sync_seconds: orNull(at.inSync),
    changes,
    changes_per_s: rounded(changes / at.seconds),
    reports_accepted: reportsAccepted,
    reports_refused: reportsRefused,
    reports_per_s: rounded(reportsAccepted / at.seconds),
    change_p50_ms: orNull(tally.changeMs.percentile(0.5)),
    change_p99_ms: orNull(tally.changeMs.percentile(0.99)),
    report_p50_ms: orNull(tally.reportMs.percentile(0.5)),
    report_p99_ms: orNull(tally.reportMs.percentile(0.99)),
    failures: Object.fromEntries(failures),
  };
}

/** The same for people. */
export function printSummary(summary: Summary): string {
  const ms = (value: number | null): string => (value === null ? '–' : `${value} ms`);
  const seconds = (value: number | null): string => (value === null ? 'never' : `${value} s`);
  const { failures } = summary;
  const failed = Object.entries(failures).map(([code, count]) => `${count} × ${code}`);
  const rows = [
    ['nodes', `${summary.nodes}, all connected after ${seconds(summary.connected_seconds)}`],
    ['in sync', `all after ${seconds(summary.in_sync_seconds)}`],
    ['changes', `${summary.changes}, ${summary.changes_per_s}/s`],
    ['', `to a node: p50 ${ms(summary.change_p50_ms)}, p99 ${ms(summary.change_p99_ms)}`],
    ['reports', `${summary.reports_accepted} accepted, ${summary.reports_per_s}/s`],
    ['', `until accepted: p50 ${ms(summary.report_p50_ms)}, p99 ${ms(summary.report_p99_ms)}`],
    ...(summary.reports_refused > 0 ? [['', `${summary.reports_refused} refused`]] : []),
    ...(failed.length > 0 ? [['failures', failed.join(', ')]] : []),
  ];
  return rows.map(([title = '', text = '']) => `  ${title.padEnd(10)}${text}\n`).join('');
}

/** One line about now: what there is, and what came since the last one. */
export function nowLine(fleet: Fleet, since: Counts, seconds: number): string {
  const { connected, level, changes, reportsAccepted, changeMs } = fleet.tally;
  const perSecond = (count: number): string => String(Math.round(count / seconds));
  return [
    `connected ${connected}/${fleet.size}`,
    `in sync ${level}`,
    `changes ${perSecond(changes - since.changes)}/s`,
    `reports ${perSecond(reportsAccepted - since.reports)}/s`,
    `change → durable ${quantiles(changeMs)}`,
  ].join('   ');
}

export interface Counts {
  readonly changes: number;
  readonly reports: number;
}

function quantiles(latencies: Latencies): string {
  const [median, most] = [0.5, 0.99].map((share) => orNull(latencies.percentile(share)));
  return `p50 ${median ?? '–'} ms, p99 ${most ?? '–'} ms`;
}

function orNull(value: number | undefined): number | null {
  return value === undefined ? null : rounded(value);
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
