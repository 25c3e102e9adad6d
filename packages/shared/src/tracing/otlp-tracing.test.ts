import { InMemorySpanExporter, type SpanExporter } from '@opentelemetry/sdk-trace';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../log.ts';
import { openMetrics, type Metrics } from '../metrics.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { maxSpansPerBatch, maxWaitingSpans, OtlpTracing } from './otlp-tracing.ts';

let clock: ManualClock;
let metrics: Metrics;
let collector: InMemorySpanExporter;

beforeEach(() => {
  clock = new ManualClock();
  metrics = openMetrics('skerry_edge');
  collector = new InMemorySpanExporter();
});

function open(sampleRatio = 1): OtlpTracing {
  const exporter: SpanExporter = {
    export: (spans, done) => collector.export(spans, done),
    shutdown: () => Promise.resolve(), // it would forget what it has taken
  };
  const resource = { 'service.name': 'edgecore' };
  return new OtlpTracing({ exporter, sampleRatio, resource, clock, metrics, log: silentLog });
}

async function counted(name: string): Promise<Record<string, number>> {
  const samples = await metrics.samples(`skerry_edge_trace_spans_${name}_total`);
  return Object.fromEntries(samples.map(({ labels, value }) => [labels['reason'] ?? '', value]));
}

describe('traces', () => {
  it('hang together across processes by what is sent along', async () => {
    const [hub, edge] = [open(), open()];
    const sent = hub.begin('sent', { kind: 'producer' });
    const received = edge.begin('received', { parent: sent?.context ?? '', kind: 'consumer' });
    received?.end();
    sent?.end();
    await Promise.all([hub[Symbol.asyncDispose](), edge[Symbol.asyncDispose]()]);
    const [child, root] = collector
      .getFinishedSpans()
      .toSorted((a, b) => a.name.localeCompare(b.name));
    expect(child?.spanContext().traceId).toBe(root?.spanContext().traceId);
    expect(child?.parentSpanContext?.spanId).toBe(root?.spanContext().spanId);
    expect(root?.resource.attributes).toEqual({ 'service.name': 'edgecore' });
  });

  it('say since when, for how long, and what went wrong, once', async () => {
    const tracing = open();
    const since = tracing.now() - 40;
    const span = tracing.begin('queued', { since, facts: { 'skerry.key': 'pods/a/b' } });
    await clock.advance(10);
    span?.end('store.write-failed');
    span?.end();
    await tracing[Symbol.asyncDispose]();
    const [taken, ...others] = collector.getFinishedSpans();
    expect(others).toEqual([]);
    expect(taken?.duration).toEqual([0, 50_000_000]);
    expect(taken?.status).toMatchObject({ message: 'store.write-failed' });
    expect(taken?.attributes).toEqual({ 'skerry.key': 'pods/a/b' });
  });

  it('are not begun beyond the share that is asked for, nor for what is no parent', () => {
    expect(open(0).begin('change')).toBeUndefined();
    expect(open().begin('received', { parent: 'rubbish' })).toBeUndefined();
  });

  it('are recorded to the end where the other side began them', () => {
    const context = open(1).begin('sent')?.context ?? '';
    expect(open(0).begin('received', { parent: context })).toBeDefined();
  });

  it('follow a wall clock that is set', () => {
    const tracing = open();
    clock.jump(3_600_000);
    expect(tracing.now()).toBe(clock.now());
  });

  it('that are too many at once are dropped and counted', async () => {
    const tracing = open();
    const held = maxSpansPerBatch + maxWaitingSpans;
    for (let i = 0; i < held + 5; i++) tracing.begin('change')?.end();
    expect(await counted('dropped')).toEqual({ overflow: 5 });
    await tracing[Symbol.asyncDispose]();
    expect(collector.getFinishedSpans()).toHaveLength(held);
    expect(await counted('exported')).toEqual({ '': held });
  });

  it('that the collector does not take are dropped and counted', async () => {
    await collector.shutdown();
    const tracing = open();
    tracing.begin('change')?.end();
    await tracing[Symbol.asyncDispose]();
    expect(await counted('dropped')).toEqual({ undeliverable: 1 });
  });
});
