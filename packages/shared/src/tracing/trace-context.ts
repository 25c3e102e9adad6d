/**
 * Where in which trace something belongs: a `traceparent` whose trace is recorded.
 *
 * Source: https://www.w3.org/TR/trace-context/#traceparent-header
 */
export type TraceContext = string;

/** A trace context taken apart. */
export interface SpanIdentity {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

const form =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;

/** Undefined for what is no traceparent, and for one whose trace is not recorded. */
export function parseTraceContext(text: string): SpanIdentity | undefined {
  const [, traceId, spanId, flags] = form.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return (Number.parseInt(flags, 16) & 1) === 1 ? { traceId, spanId } : undefined;
}

export function traceContext({ traceId, spanId }: SpanIdentity): TraceContext {
  return `00-${traceId}-${spanId}-01`;
}
