import type { ObjectKey } from '../names.ts';

/**
 * How a report is kept while it cannot be delivered: `status` keeps the newest per key, `event` and
 * `telemetry` keep every one, in order.
 */
export const reportClasses = ['status', 'event', 'telemetry'] as const;
export type ReportClass = (typeof reportClasses)[number];

/** What the edge has to say about one object, on its way to the API server. */
export interface Report {
  readonly class: ReportClass;
  readonly key: ObjectKey;
  /** JSON in UTF-8; its shape depends on the key's resource (docs/PROTOCOL.md, “Reports”). */
  readonly payload: Uint8Array;
}

/** A report, and when it was made. */
export interface TimedReport extends Report {
  /** Milliseconds since the epoch by the node's clock; 0: unknown. */
  readonly at: number;
}

/** What became of a report: the API server has it, or never will. Anything else is tried again. */
export type ReportOutcome =
  | { readonly do: 'accepted' }
  | { readonly do: 'refused'; readonly code: string; readonly reason: string };
