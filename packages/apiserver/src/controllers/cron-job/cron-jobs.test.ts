import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { clusterBench, type ClusterBench } from '../../testing/cluster-bench.ts';
import { cronJobs, events, jobs, type CronJob } from '../client/kinds.ts';
import { endOf } from '../job/verdict.ts';

const place = { namespace: 'default', name: 'tick' };

async function create(
  { bench }: ClusterBench,
  more: Record<string, Json> = {},
  annotations: Record<string, string> = {},
): Promise<void> {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } };
  const spec = { schedule: '*/10 * * * *', jobTemplate: { spec: { template } }, ...more };
  const body = { metadata: { name: 'tick', annotations }, spec };
  await bench.ask('create', { resource: 'cronjobs.batch/v1', body });
}

function tick({ client }: ClusterBench): CronJob {
  const cronJob = client.get(cronJobs, place);
  if (!cronJob) throw new Error('there is no CronJob');
  return cronJob;
}

const minutes = (cluster: ClusterBench, count: number): Promise<void> =>
  cluster.bench.parts.clock.advance(count * 60_000);
const names = (cluster: ClusterBench): string[] =>
  cluster.all(jobs).map(({ metadata }) => metadata.name);
const nameAt = (time: string): string => `tick-${Date.parse(`2026-01-01T${time}Z`) / 60_000}`;

describe('cron jobs', () => {
  it('begin a job at each time, and keep the last three', async () => {
    await using cluster = await clusterBench();
    await create(cluster);
    for (const count of [1, 2, 3, 4]) {
      await minutes(cluster, 10);
      await cluster.until(() => names(cluster).length === Math.min(count, 4));
      await cluster.until(
        () => cluster.all(jobs).every((job) => endOf(job) === 'Complete'),
        async () => {
          await cluster.actAsNodes();
          await cluster.endPods(() => 'Succeeded');
        },
      );
    }
    await cluster.until(() => names(cluster).length === 3);
    expect(names(cluster)).toEqual([nameAt('00:20:00'), nameAt('00:30:00'), nameAt('00:40:00')]);
    await cluster.until(() => tick(cluster).status?.active === undefined);
    expect(tick(cluster).status?.lastScheduleTime).toBe('2026-01-01T00:40:00Z');
    expect(tick(cluster).status?.lastSuccessfulTime).toMatch(/^2026-01-01T00:4/);
    const reasons = cluster.all(events).map((event) => event['reason']);
    expect(reasons).toContain('SawCompletedJob');
  });

  it('begin what they have missed once, after a restart', async () => {
    await using cluster = await clusterBench();
    await create(cluster);
    await minutes(cluster, 10);
    await cluster.until(() => names(cluster).length === 1);
    await cluster.restart();
    await cluster.restart();
    await minutes(cluster, 1);
    expect(names(cluster)).toEqual([nameAt('00:10:00')]);
    expect(tick(cluster).status?.active?.map(({ name }) => name)).toEqual([nameAt('00:10:00')]);
  });

  it.each([
    ['Allow', ['00:10:00', '00:20:00']],
    ['Forbid', ['00:10:00']],
    ['Replace', ['00:20:00']],
  ])('treat a job that still runs as they are told: %s', async (concurrencyPolicy, times) => {
    await using cluster = await clusterBench();
    await create(cluster, { concurrencyPolicy });
    await minutes(cluster, 21);
    await cluster.until(
      () => names(cluster).join() === times.map(nameAt).join(),
      cluster.actAsNodes,
    );
  });

  it('begin nothing while they are suspended, or when the edge runs them', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { suspend: true });
    await minutes(cluster, 60);
    expect(names(cluster)).toEqual([]);
    await using other = await clusterBench();
    await create(other, {}, { 'edge.skerry.io/run-at': 'edge' });
    await minutes(other, 60);
    expect(names(other)).toEqual([]);
  });
});
