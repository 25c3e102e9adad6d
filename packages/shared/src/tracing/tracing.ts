import type { TraceContext } from './trace-context.ts';

/** What a span says of itself: few, and short. */
export type SpanFacts = Readonly<Record<string, string | number>>;

export interface SpanStart {
  /** What it is a part of, here or in another process; absent: it begins a trace. */
  readonly parent?: TraceContext;
  /** Absent: now. Milliseconds since the epoch, as `Tracing.now` counts them. */
  readonly since?: number;
  readonly facts?: SpanFacts;
  /** Whether it hands something to another process, or takes it in there. Absent: neither. */
  readonly kind?: 'producer' | 'consumer';
}

/** One step of something that is followed from process to process. Ends once; what comes later is ignored. */
export interface Span {
  /** For the steps that come of it. */
  readonly context: TraceContext;
  /** What it was not, in a few words, where it failed. */
  end(failure?: string): void;
}

/**
 * Follows changes and reports from step to step, for a collector of traces (OpenTelemetry). A daemon that
 * traces nothing has no such part: what a caller would tell it is then not even made.
 */
export interface Tracing {
  /** Undefined: this trace is not recorded, or what was given as its parent is none. */
  begin(name: string, start?: SpanStart): Span | undefined;
  /** Milliseconds since the epoch, with their fractions. */
  now(): number;
}
