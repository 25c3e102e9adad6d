import type { ReportClass } from '@skerry/shared/delivery/report';

/**
 * What gives way when a class has no room left: `drop-oldest` what has waited longest, `drop-newest` the
 * newcomer, `keep-latest` first what has a newer report of the same key behind it, then the oldest.
 */
export const overflowPolicies = ['drop-oldest', 'drop-newest', 'keep-latest'] as const;
export type OverflowPolicy = (typeof overflowPolicies)[number];

/** How reports of one class are kept while they cannot be delivered. */
export interface ReportPolicy {
  /** Bytes of payload kept. */
  readonly quotaBytes: number;
  /** A report older than this is of no use to anybody, seconds; 0: it never is. */
  readonly ttlSeconds: number;
  readonly overflow: OverflowPolicy;
  /** Reports of this class sent in one round, while other classes wait. */
  readonly weight: number;
}

export type ReportPolicies = Readonly<Record<ReportClass, ReportPolicy>>;

const mebibyte = 1024 * 1024;
const week = 7 * 24 * 3_600;

export const defaultReportPolicies: ReportPolicies = {
  status: { quotaBytes: 64 * mebibyte, ttlSeconds: 0, overflow: 'drop-oldest', weight: 8 },
  event: { quotaBytes: 4 * mebibyte, ttlSeconds: week, overflow: 'drop-oldest', weight: 4 },
  telemetry: { quotaBytes: 64 * mebibyte, ttlSeconds: week, overflow: 'drop-oldest', weight: 1 },
};

/** Why a report was given up. */
export type DropReason = 'overflow' | 'expired' | 'unreadable' | 'refused';

/** 2020-01-01: a machine that says it is earlier has not set its clock yet. */
const clockIsSetMs = 1_577_836_800_000;

/**
 * Whether a report has outlived its time to live. A time of a clock that was not set says nothing, and a
 * report from the future is young.
 */
export function hasExpired(at: number, now: number, { ttlSeconds }: ReportPolicy): boolean {
  return ttlSeconds > 0 && at >= clockIsSetMs && now - at > ttlSeconds * 1_000;
}
