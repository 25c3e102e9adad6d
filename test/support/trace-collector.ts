import { receiveJson, type JsonReceiver } from './json-receiver.ts';

/** A span as its collector was told. */
export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Absent: it began the trace. */
  readonly parentSpanId?: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly facts: Readonly<Record<string, string>>;
  /** What it was not. */
  readonly failure: string | undefined;
}

/** A collector of traces that takes OTLP/HTTP in JSON. */
export class TraceCollector implements AsyncDisposable {
  readonly #receiver: JsonReceiver<Export>;

  private constructor(receiver: JsonReceiver<Export>) {
    this.#receiver = receiver;
  }

  static async start(): Promise<TraceCollector> {
    return new TraceCollector(await receiveJson<Export>());
  }

  get url(): string {
    return `${this.#receiver.url}v1/traces`;
  }

  /** Every span taken so far. */
  get spans(): CollectedSpan[] {
    return this.#receiver.taken.flatMap(({ resourceSpans }) => resourceSpans.flatMap(spansOf));
  }

  /** The traces that `begins` begins: their spans, in order of their beginnings. */
  traces(begins: (span: CollectedSpan) => boolean): CollectedSpan[][] {
    const { spans } = this;
    const roots = spans.filter((span) => span.parentSpanId === undefined && begins(span));
    return roots.map(({ traceId }) =>
      spans.filter((span) => span.traceId === traceId).toSorted((a, b) => a.start - b.start),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver[Symbol.asyncDispose]();
  }
}

/** `service name`, below what it is a part of; those of one parent by their names. */
export function outline(spans: readonly CollectedSpan[], below?: string, depth = 0): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === below)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ service, name, spanId }) => [
      `${'  '.repeat(depth)}${service} ${name}`,
      ...outline(spans, spanId, depth + 1),
    ]);
}

/** Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
interface Export {
  readonly resourceSpans: readonly ResourceSpans[];
}
interface ResourceSpans {
  readonly resource: { readonly attributes: readonly Attribute[] };
  readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
}
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly message?: string };
}

function spansOf({ resource, scopeSpans }: ResourceSpans): CollectedSpan[] {
  const service = factsOf(resource.attributes)['service.name'] ?? '';
  return scopeSpans.flatMap(({ spans }) =>
    spans.map(({ startTimeUnixNano, endTimeUnixNano, attributes, status, ...span }) => ({
      ...span,
      service,
      start: Number(startTimeUnixNano) / 1e6,
      end: Number(endTimeUnixNano) / 1e6,
      facts: factsOf(attributes),
      failure: status.message,
    })),
  );
}

function factsOf(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? '']));
}
