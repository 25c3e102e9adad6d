import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import type { Context, Tracer, Span as OtelSpan } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Counter, Metrics } from '../metrics.ts';
import { within } from '../within.ts';
import { parseTraceContext, traceContext } from './trace-context.ts';
import type { Span, SpanFacts, SpanStart, Tracing } from './tracing.ts';

/** Ended spans that wait for the collector; further ones are dropped. */
export const maxWaitingSpans = 2_048;
/** Spans that travel together; one batch is on its way at a time. */
export const maxSpansPerBatch = 512;
/** Spans wait so long for others, milliseconds. */
const batchDelayMs = 1_000;
/** A batch that the collector has not taken by then is dropped, milliseconds. */
export const exportTimeoutMs = 10_000;
/** How long what is left may take at the end, milliseconds. */
const flushMs = 2_000;
/** `ExportResultCode.SUCCESS` of the library, which does not export the enumeration from here. */
const success = 0;
/** The wall clock was set, when it and the monotonic one part by more, milliseconds. */
const clockJumpMs = 50;

export interface OtlpParts {
  readonly exporter: SpanExporter;
  /** The share of traces begun here that is recorded, from 0 to 1. */
  readonly sampleRatio: number;
  /** Who speaks, in the names of OpenTelemetry's conventions. */
  readonly resource: SpanFacts;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Brings spans to a collector, in batches and in the background: a collector that is away costs spans only. */
export class OtlpTracing implements Tracing, AsyncDisposable {
  readonly #clock: Clock;
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  /** The epoch by the monotonic clock. */
  #epoch: number;

  constructor({ exporter, sampleRatio, resource, clock, metrics, log }: OtlpParts) {
    this.#clock = clock;
    this.#epoch = clock.now() - clock.monotonic();
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ ...resource }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
      spanProcessors: [boundedBatches(exporter, metrics, log)],
    });
    this.#tracer = this.#provider.getTracer('skerry');
  }

  now(): number {
    const monotonic = this.#clock.monotonic();
    const jump = this.#clock.now() - monotonic - this.#epoch;
    if (Math.abs(jump) > clockJumpMs) this.#epoch += jump;
    return this.#epoch + monotonic;
  }

  begin(name: string, start: SpanStart = {}): Span | undefined {
    const { parent, since = this.now(), facts = {}, kind } = start;
    const context = parent === undefined ? ROOT_CONTEXT : remote(parent);
    if (!context) return undefined;
    const attributes = { ...facts };
    const options = { startTime: since, attributes, kind: kinds[kind ?? 'internal'] };
    const span = this.#tracer.startSpan(name, options, context);
    return span.isRecording() ? this.#spanOf(span) : undefined;
  }

  #spanOf(span: OtelSpan): Span {
    return {
      context: traceContext(span.spanContext()),
      end: (failure) => {
        if (!span.isRecording()) return;
        if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        span.end(this.now());
      },
    };
  }

  /** Brings what is left, for as long as the collector takes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#provider.shutdown().catch(() => undefined); // counted where it failed
    await within(flushMs, ended, { clock: this.#clock, signal: new AbortController().signal });
  }
}

const kinds = {
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

function remote(parent: string): Context | undefined {
  const identity = parseTraceContext(parent);
  if (!identity) return undefined;
  return trace.setSpanContext(ROOT_CONTEXT, {
    ...identity,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

/** The library's batches, with what it drops silently kept out of them and counted. */
function boundedBatches(exporter: SpanExporter, metrics: Metrics, log: Log): SpanProcessor {
  const dropped = metrics.counter(
    'trace_spans_dropped_total',
    'Spans that never reached the collector of traces.',
    ['reason'],
  );
  const waiting = { spans: 0 };
  const batches = new BatchSpanProcessor({
    exporter: counted(exporter, { metrics, log, waiting, dropped }),
    maxQueueSize: maxWaitingSpans,
    maxExportBatchSize: maxSpansPerBatch,
    scheduledDelayMillis: batchDelayMs,
    exportTimeoutMillis: exportTimeoutMs + flushMs,
  });
  return {
    onStart: () => undefined,
    onEnd: (span) => {
      if (waiting.spans >= maxWaitingSpans) {
        dropped.inc({ reason: 'overflow' });
        return;
      }
      waiting.spans++;
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  };
}

interface Counting {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly waiting: { spans: number };
  readonly dropped: Counter<'reason'>;
}

function counted(
  exporter: SpanExporter,
  { metrics, log, waiting, dropped }: Counting,
): SpanExporter {
  const exported = metrics.counter(
    'trace_spans_exported_total',
    'Spans that the collector of traces has taken.',
  );
  let isReached = true;
  const turn = (reached: boolean, error: string | undefined): void => {
    if (reached !== isReached && reached) log.info({}, 'traces reach their collector again');
    if (reached !== isReached && !reached)
      log.warn({ error }, 'traces do not reach their collector');
    isReached = reached;
  };
  return {
    export: (spans, done) => {
      waiting.spans -= spans.length;
      exporter.export(spans, (result) => {
        const reached = result.code.valueOf() === success;
        turn(reached, result.error?.message);
        if (reached) exported.inc(undefined, spans.length);
        else dropped.inc({ reason: 'undeliverable' }, spans.length);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
