import type { Span, Tracing } from '@skerry/shared/tracing/tracing';
import type { TraceContext } from '@skerry/shared/tracing/trace-context';
import type { QueuedReport } from './report-entry.ts';

/** The traced reports of one session on their way to the hub; as many at most as are unanswered. */
export class ReportSpans {
  readonly #tracing: Tracing;
  readonly #sent = new Map<number, Span>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** What goes with a report that leaves now. */
  sent({ id, trace: parent, at: since }: QueuedReport): TraceContext | undefined {
    if (parent === undefined) return undefined;
    this.#tracing.begin('queued', { parent, since })?.end();
    const span = this.#tracing.begin('sent', { parent, kind: 'producer' });
    if (span) this.#sent.set(id, span);
    return span?.context;
  }

  answered(id: number, refusal: string | undefined): void {
    this.#sent.get(id)?.end(refusal);
    this.#sent.delete(id);
  }

  /** The session is over: what was not answered is sent again in the next one. */
  lost(): void {
    for (const span of this.#sent.values()) span.end('the session ended');
    this.#sent.clear();
  }
}
