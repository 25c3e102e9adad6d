import { parseTraceContext, traceContext, type TraceContext } from '../tracing/trace-context.ts';
import type { Span, SpanStart, Tracing } from '../tracing/tracing.ts';
import type { Clock } from '../clock.ts';

interface Noted {
  readonly name: string;
  readonly start: SpanStart;
  ended: boolean;
  failure: string | undefined;
}

/** Records every span, and says in words what became of it. */
export class PaperTracing implements Tracing {
  readonly #clock: Clock;
  readonly #spans: Noted[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  begin(name: string, start: SpanStart = {}): Span | undefined {
    if (start.parent !== undefined && !parseTraceContext(start.parent)) return undefined;
    const noted: Noted = { name, start, ended: false, failure: undefined };
    const context = contextOf(this.#spans.push(noted));
    return {
      context,
      end: (failure) => {
        if (!noted.ended) Object.assign(noted, { ended: true, failure });
      },
    };
  }

  /** `name < parent`, what it failed with, and whether it is still open; in the order of their beginnings. */
  words(): string[] {
    return this.#spans.map(({ name, start: { parent }, ended, failure }) => {
      const of = this.#spans.find((_, i) => contextOf(i + 1) === parent);
      const above = parent === undefined ? '' : ` < ${of?.name ?? 'elsewhere'}`;
      return `${name}${above}${ended ? '' : ' …'}${failure === undefined ? '' : `: ${failure}`}`;
    });
  }

  /** What was said of each span by this name when it began. */
  starts(name: string): SpanStart[] {
    return this.#spans.filter((span) => span.name === name).map(({ start }) => start);
  }
}

/** Of a span in another process. */
export const elsewhere: TraceContext = contextOf(0xfff);

function contextOf(number: number): TraceContext {
  const digits = number.toString(16);
  return traceContext({ traceId: 'a'.repeat(32), spanId: digits.padStart(16, '0') });
}
