import type { NodeName, Seq } from '@skerry/shared/names';
import type { SentChange } from '@skerry/shared/delivery/sender';
import type { TraceContext } from '@skerry/shared/tracing/trace-context';
import type { Span, Tracing } from '@skerry/shared/tracing/tracing';

export interface DeliverySpansParts {
  readonly tracing: Tracing;
  readonly node: NodeName;
}

/** The traced changes of one session on their way to its node; as many at most as are in flight. */
export class DeliverySpans {
  readonly #parts: DeliverySpansParts;
  readonly #sent = new Map<Seq, Span>(); // in the order of seq

  constructor(parts: DeliverySpansParts) {
    this.#parts = parts;
  }

  /** What goes with a change that leaves now, having waited for so many milliseconds. */
  sent({ seq, change }: SentChange, waitedMs: number): TraceContext | undefined {
    const { tracing, node } = this.#parts;
    if (change.trace === undefined) return undefined;
    const facts = { 'k8s.node.name': node };
    const parent = change.trace;
    tracing.begin('queued', { parent, facts, since: tracing.now() - waitedMs })?.end();
    const span = tracing.begin('sent', { parent, facts, kind: 'producer' });
    if (span) this.#sent.set(seq, span);
    return span?.context;
  }

  acked(upTo: Seq): void {
    for (const [seq, span] of this.#sent) {
      if (seq > upTo) break;
      this.#sent.delete(seq);
      span.end();
    }
  }

  nacked(seq: Seq, code: string): void {
    this.#sent.get(seq)?.end(code);
    this.#sent.delete(seq);
  }

  /** The session is over: what was not answered is sent again in the next one. */
  lost(): void {
    for (const span of this.#sent.values()) span.end('the session ended');
    this.#sent.clear();
  }
}
