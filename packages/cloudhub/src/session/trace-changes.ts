import type { Change } from '@skerry/shared/change';
import type { ObjectKey } from '@skerry/shared/names';
import type { TraceContext } from '@skerry/shared/tracing/trace-context';
import type { Tracing } from '@skerry/shared/tracing/tracing';
import type { Delivery, News } from '../route/delivery.ts';

/** Begins a trace for each object that the cluster has just changed; all nodes that need it share it. */
export function traceChanges(
  tracing: Tracing,
  deliveries: readonly Delivery[],
): readonly Delivery[] {
  const begun = new Map<ObjectKey, TraceContext | undefined>();
  return deliveries.map((delivery) => {
    const { change } = delivery;
    if (!begun.has(change.key)) begun.set(change.key, begin(tracing, 'change', change));
    return withTrace(delivery, begun.get(change.key));
  });
}

/** Begins a trace for what a node lacks when it connects: the change itself may be long ago. */
export function traceMissing(
  tracing: Tracing | undefined,
  missing: readonly News[],
): readonly News[] {
  if (!tracing) return missing;
  return missing.map((news) => withTrace(news, begin(tracing, 'catch-up', news.change)));
}

function begin(tracing: Tracing, name: string, { key, version }: Change): TraceContext | undefined {
  const facts = { 'skerry.key': key, 'skerry.version': String(version) };
  const span = tracing.begin(name, { facts });
  span?.end();
  return span?.context;
}

function withTrace<N extends News>(news: N, trace: TraceContext | undefined): N {
  return trace === undefined ? news : { ...news, change: { ...news.change, trace } };
}
