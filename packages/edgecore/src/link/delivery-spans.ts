import type { Deliver } from '@skerry/proto/frames';
import type { TraceContext } from '@skerry/shared/tracing/trace-context';
import type { Tracing } from '@skerry/shared/tracing/tracing';

/** One traced delivery at the node, from its arrival until it is acknowledged. */
export interface DeliverySpans {
  /** For what is done about it. */
  readonly context: TraceContext;
  persisted(): void;
  acked(): void;
  failed(why: string): void;
}

/** Undefined where it is not traced, by either side. */
export function beginDelivery(
  tracing: Tracing | undefined,
  { traceparent }: Deliver,
): DeliverySpans | undefined {
  if (!tracing || traceparent === undefined) return undefined;
  const received = tracing.begin('received', { parent: traceparent, kind: 'consumer' });
  if (!received) return undefined;
  const { context } = received;
  const persisted = tracing.begin('persisted', { parent: context });
  return {
    context,
    persisted: () => persisted?.end(),
    acked: () => received.end(),
    failed: (why) => {
      persisted?.end(why);
      received.end(why);
    },
  };
}
