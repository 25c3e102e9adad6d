import { describe, expect, it } from 'vitest';
import { InvariantViolation } from './errors.ts';
import { openMetrics } from './metrics.ts';

describe('metrics', () => {
  it('print in the text format, with the prefix of the daemon', async () => {
    const metrics = openMetrics('skerry_hub');
    metrics.counter('nacks_total', 'Refused changes.', ['code']).inc({ code: 'wire.malformed' }, 2);
    metrics.gauge('sessions', 'Connected nodes.').set(3);
    metrics.gaugeOf('outbox_depth', 'Objects to be learned.', () => 7);
    metrics.histogram('ack_seconds', 'Time to the ack.', [0.1, 1]).observe(0.5);
    const lines = (await metrics.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE skerry_hub_nacks_total counter',
        'skerry_hub_nacks_total{code="wire.malformed"} 2',
        'skerry_hub_sessions 3',
        'skerry_hub_outbox_depth 7',
        'skerry_hub_ack_seconds_bucket{le="1"} 1',
      ]),
    );
  });

  it('are shown also where one cannot be read', async () => {
    const metrics = openMetrics('skerry_edge');
    metrics.gaugesOf('disk', 'Full.', ['path'], () =>
      Promise.reject(new Error('the disk is away')),
    );
    metrics.gaugesOf('disk', 'Full.', ['path'], () => [[{ path: '/' }, 0.5]]);
    expect(await metrics.text()).toContain('skerry_edge_disk{path="/"} 0.5');
  });

  it('of two processes share nothing', async () => {
    const hub = openMetrics('skerry_hub');
    const other = openMetrics('skerry_hub');
    hub.counter('acks_total', 'Acks.').inc();
    expect(await other.text()).not.toContain('skerry_hub_acks_total');
  });

  it('are the same when asked for twice, and never of two kinds', async () => {
    const metrics = openMetrics('skerry_edge');
    metrics.counter('acks_total', 'Acks.').inc();
    metrics.counter('acks_total', 'Acks.').inc();
    expect(await metrics.text()).toContain('skerry_edge_acks_total 2');
    expect(() => metrics.gauge('acks_total', 'Acks.')).toThrow(InvariantViolation);
  });

  it('carry the memory and the CPU time of the process', async () => {
    const text = await openMetrics('skerry_edge').text();
    expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
    expect(text).toMatch(/^process_cpu_seconds_total \d+\.\d+$/m);
    expect(text).toMatch(/^process_start_time_seconds \d{10}/m);
  });

  it('asks every reader of a labelled gauge anew, and shows only what they tell', async () => {
    const metrics = openMetrics('skerry_edge');
    let rooms: [string, number][] = [
      ['pods', 1],
      ['cron', 2],
    ];
    metrics.gaugesOf('queue', 'Waiting.', ['room'], () =>
      rooms.map(([room, size]) => [{ room }, size] as const),
    );
    metrics.gaugesOf('queue', 'Waiting.', ['room'], () => Promise.resolve([[{ room: 'x' }, 9]]));
    expect(await metrics.samples('skerry_edge_queue')).toEqual([
      { labels: { room: 'pods' }, value: 1 },
      { labels: { room: 'cron' }, value: 2 },
      { labels: { room: 'x' }, value: 9 },
    ]);
    rooms = [];
    expect(await metrics.text()).not.toContain('cron');
  });

  it('gives the samples of any metric by its full name', async () => {
    const metrics = openMetrics('skerry_edge');
    metrics.histogram('ack_seconds', 'Acks.', [1], ['to']).observe(0.5, { to: 'hub' });
    expect(await metrics.samples('skerry_edge_ack_seconds_sum')).toEqual([
      { labels: { to: 'hub' }, value: 0.5 },
    ]);
    expect(await metrics.samples('skerry_edge_ack_seconds_count')).toHaveLength(1);
    expect(await metrics.samples('skerry_edge_nothing')).toEqual([]);
    const [memory] = await metrics.samples('process_resident_memory_bytes');
    expect(memory?.value).toBeGreaterThan(1_000_000);
  });

  it('explains every metric of the process', async () => {
    const lines = (await openMetrics('skerry_edge').text()).split('\n');
    const named = lines
      .filter((line) => line.startsWith('# TYPE'))
      .map((line) => line.split(' ')[2]);
    expect(named).toContain('nodejs_eventloop_lag_max_seconds');
    for (const name of named)
      expect(lines.some((line) => line.startsWith(`# HELP ${name ?? ''} `))).toBe(true);
  });
});
