import { describe, expect, it, vi } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import { clusterBench, type ClusterBench } from '../../testing/cluster-bench.ts';
import { events, jobs, pods, type Job } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { isActive } from '../workload/pod-state.ts';
import { formatIndexes, indexOf, parseIndexes } from './indexes.ts';
import { endOf } from './verdict.ts';

const place = { namespace: 'default', name: 'work' };

async function create(cluster: ClusterBench, spec: Record<string, Json> = {}): Promise<void> {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } };
  const body = { metadata: { name: 'work' }, spec: { template, ...spec } };
  await cluster.bench.ask('create', { resource: 'jobs.batch/v1', body });
}

function work({ client }: ClusterBench): Job {
  const job = client.get(jobs, place);
  if (!job) throw new Error('there is no job');
  return job;
}

const all = (phase: 'Succeeded' | 'Failed') => (): typeof phase => phase;

/** Pods end as told as soon as they run, until the job has. */
async function untilEnd(
  cluster: ClusterBench,
  phaseOf: (pod: Pod) => 'Succeeded' | 'Failed' | undefined,
): Promise<number> {
  let most = 0;
  await cluster.until(
    () => endOf(work(cluster)) !== undefined,
    async () => {
      most = Math.max(most, cluster.all(pods).filter(isActive).length);
      await cluster.actAsNodes();
      await cluster.endPods(phaseOf);
    },
  );
  return most;
}

const reasons = ({ status }: Job): unknown =>
  status?.conditions?.map(({ type, reason }) => [type, reason]);

describe('a job by a policy', () => {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } };
  const onCode = (action: string, values: number[]): Json => ({
    rules: [{ action, onExitCodes: { operator: 'In', values } }],
  });

  it('fails at once where a pod ends in a way that no retry mends', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { backoffLimit: 6, podFailurePolicy: onCode('FailJob', [1, 2]) });
    await untilEnd(cluster, all('Failed'));
    expect(reasons(work(cluster))).toEqual([
      ['FailureTarget', 'PodFailurePolicy'],
      ['Failed', 'PodFailurePolicy'],
    ]);
    expect(work(cluster).status?.failed).toBe(1);
    expect(work(cluster).status?.conditions?.[0]?.message).toMatch(
      /^Container c for pod default\/work-\w+ failed with exit code 1 matching FailJob rule at index 0$/,
    );
  });

  it('does not count pods that were pushed out, however many', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { backoffLimit: 0, podFailurePolicy: onCode('Ignore', [1]) });
    let ended = 0;
    await untilEnd(cluster, () => (ended++ < 3 ? 'Failed' : 'Succeeded'));
    const { status } = work(cluster);
    expect([status?.succeeded, status?.failed]).toEqual([1, undefined]);
  });

  it('gives each index a limit of its own, and lets the others come to their end', async () => {
    await using cluster = await clusterBench();
    const spec = { completionMode: 'Indexed', completions: 4, parallelism: 4 };
    await create(cluster, { ...spec, backoffLimitPerIndex: 1 });
    await untilEnd(cluster, (pod) => (indexOf(pod) === 1 ? 'Failed' : 'Succeeded'));
    expect(work(cluster).status).toMatchObject({
      succeeded: 3,
      failed: 2,
      completedIndexes: '0,2,3',
      failedIndexes: '1',
    });
    expect(reasons(work(cluster))).toEqual([
      ['FailureTarget', 'FailedIndexes'],
      ['Failed', 'FailedIndexes'],
    ]);
  });

  it('fails when too many indexes have', async () => {
    await using cluster = await clusterBench();
    const spec = { completionMode: 'Indexed', completions: 6, parallelism: 2 };
    await create(cluster, { ...spec, backoffLimitPerIndex: 0, maxFailedIndexes: 1 });
    await untilEnd(cluster, all('Failed'));
    expect(reasons(work(cluster))).toContainEqual(['Failed', 'MaxFailedIndexesExceeded']);
  });

  it('fails an index at once by a rule', async () => {
    await using cluster = await clusterBench();
    const spec = { completionMode: 'Indexed', completions: 2, parallelism: 2 };
    await create(cluster, {
      ...{ ...spec, backoffLimitPerIndex: 5 },
      podFailurePolicy: onCode('FailIndex', [1]),
    });
    await untilEnd(cluster, (pod) => (indexOf(pod) === 0 ? 'Failed' : 'Succeeded'));
    expect(work(cluster).status).toMatchObject({ failed: 1, failedIndexes: '0' });
  });

  it.each<[string, Json, Json]>([
    ['a number of indexes', [{ succeededCount: 2 }], 2],
    ['the index that leads', [{ succeededCount: 5 }, { succeededIndexes: '0' }], 1],
  ])('succeeds with %s, and ends the others', async (_what, rules, succeeded) => {
    await using cluster = await clusterBench();
    const spec = { completionMode: 'Indexed', completions: 4, parallelism: 4 };
    await create(cluster, { ...spec, successPolicy: { rules } });
    await untilEnd(cluster, (pod) =>
      (indexOf(pod) ?? 0) < (succeeded as number) ? 'Succeeded' : undefined,
    );
    const job = work(cluster);
    expect(job.status?.succeeded).toBe(succeeded);
    expect(reasons(job)).toEqual([
      ['SuccessCriteriaMet', 'SuccessPolicy'],
      ['Complete', 'SuccessPolicy'],
    ]);
  });

  it.each<[string, JsonObject]>([
    ['spec.completions', { completionMode: 'Indexed', parallelism: 1 }],
    ['spec.backoffLimitPerIndex', { backoffLimitPerIndex: 1 }],
    ['spec.backoffLimitPerIndex', { maxFailedIndexes: 1 }],
    ['spec.successPolicy', { successPolicy: { rules: [{ succeededCount: 1 }] } }],
    ['spec.podFailurePolicy.rules[0].action', { podFailurePolicy: onCode('FailIndex', [1]) }],
    ['spec.podFailurePolicy.rules[0].action', { podFailurePolicy: onCode('Shrug', [1]) }],
    [
      'spec.podFailurePolicy.rules[0].onExitCodes.values[0]',
      { podFailurePolicy: onCode('Count', [0]) },
    ],
    ['spec.podFailurePolicy.rules[0]', { podFailurePolicy: { rules: [{ action: 'Count' }] } }],
    [
      'spec.template.spec.restartPolicy',
      {
        podFailurePolicy: onCode('Count', [1]),
        template: { spec: { ...template.spec, restartPolicy: 'OnFailure' } },
      },
    ],
  ])('is refused for its %s', async (field, spec) => {
    await using cluster = await clusterBench();
    await expect(create(cluster, spec)).rejects.toMatchObject({
      details: { causes: [{ field }] },
    });
  });
});

describe('jobs', () => {
  it('run as many pods as are to succeed, few at once', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { completions: 5, parallelism: 2 });
    expect(await untilEnd(cluster, all('Succeeded'))).toBe(2);
    const { status } = work(cluster);
    expect(status).toMatchObject({
      succeeded: 5,
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
    });
    expect(status?.completionTime).toBeDefined();
    expect(reasons(work(cluster))).toEqual([
      ['SuccessCriteriaMet', 'CompletionsReached'],
      ['Complete', 'CompletionsReached'],
    ]);
    expect(cluster.all(pods)).toHaveLength(5);
    expect(cluster.all(pods).flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
    expect(cluster.all(events).map((event) => event['reason'])).toContain('Completed');
  });

  it('fail after more failures than they may have, each retried later', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { backoffLimit: 2 });
    const begin = cluster.bench.parts.clock.now();
    await untilEnd(cluster, all('Failed'));
    expect(work(cluster).status).toMatchObject({ failed: 3 });
    expect(reasons(work(cluster))).toEqual([
      ['FailureTarget', 'BackoffLimitExceeded'],
      ['Failed', 'BackoffLimitExceeded'],
    ]);
    expect(cluster.bench.parts.clock.now() - begin).toBeGreaterThanOrEqual(30_000);
  });

  it('count every pod once, whenever they are restarted and pods are deleted', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { completions: 8, parallelism: 3 });
    await cluster.until(
      () => endOf(work(cluster)) !== undefined,
      async () => {
        await cluster.actAsNodes();
        await cluster.endPods(all('Succeeded'));
        for (const pod of cluster.all(pods).filter(({ status }) => status?.phase === 'Succeeded'))
          await cluster.client.delete(pods, pod.metadata);
        await cluster.restart();
      },
    );
    expect(work(cluster).status).toMatchObject({ succeeded: 8 });
  });

  it('give each pod an index, and retry only those that failed', async () => {
    await using cluster = await clusterBench();
    const failed = new Set<number>();
    await create(cluster, { completions: 4, parallelism: 4, completionMode: 'Indexed' });
    await untilEnd(cluster, (pod) => {
      const index = indexOf(pod) ?? -1;
      if (index !== 2 || failed.has(index)) return 'Succeeded';
      failed.add(index);
      return 'Failed';
    });
    expect(work(cluster).status).toMatchObject({
      succeeded: 4,
      failed: 1,
      completedIndexes: '0-3',
    });
    const indexes = cluster.all(pods).map(indexOf);
    expect(indexes.sort()).toEqual([0, 1, 2, 2, 3]);
    const [pod] = cluster.all(pods);
    expect(pod?.spec.hostname).toBe('work-0');
    expect(pod?.metadata.name).toMatch(/^work-0-\w{5}$/);
  });

  it('tell every container its index, and keep what the template says', async () => {
    await using cluster = await clusterBench();
    const env = [{ name: 'JOB_COMPLETION_INDEX', value: 'mine' }];
    const container = (name: string): JsonObject => ({ name, image: 'x' });
    const spec = {
      restartPolicy: 'Never',
      initContainers: [container('init')],
      containers: [container('plain'), { ...container('own'), env }],
    };
    const template = { metadata: { finalizers: ['example.com/own'] }, spec };
    await create(cluster, { completions: 1, completionMode: 'Indexed', template });
    await cluster.until(() => cluster.all(pods).length === 1);
    const [pod] = cluster.all(pods);
    const { initContainers = [], containers = [] } = pod?.spec ?? {};
    const fieldRef = {
      apiVersion: 'v1',
      fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']",
    };
    const told = [{ name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } }];
    const variables = [...initContainers, ...containers].map((one) => one.env);
    expect(variables).toEqual([told, told, env]);
    expect(pod?.metadata.finalizers).toEqual([
      'example.com/own',
      'batch.kubernetes.io/job-tracking',
    ]);
  });

  it('end when they have run for too long', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { activeDeadlineSeconds: 60 });
    await untilEnd(cluster, () => undefined);
    expect(reasons(work(cluster))).toContainEqual(['Failed', 'DeadlineExceeded']);
    await cluster.until(() => cluster.all(pods).length === 0, cluster.actAsNodes);
  });

  it('wait for pods that take long to end, when they have run for too long', async () => {
    await using cluster = await clusterBench();
    await cluster.bench.ask('create', { resource: 'nodes', body: { metadata: { name: 'n' } } });
    await create(cluster, { activeDeadlineSeconds: 60 });
    await cluster.until(() => cluster.all(pods).length > 0);
    for (const { metadata } of cluster.all(pods)) await cluster.client.bind(metadata, 'n');
    await cluster.until(() => cluster.all(pods).some((pod) => !isActive(pod)));
    const { clock } = cluster.bench.parts;
    const sleep = vi.spyOn(clock, 'sleep');
    await clock.advance(60_000);
    expect(sleep).not.toHaveBeenCalled();
    await untilEnd(cluster, () => undefined);
  });

  it('wait while they are suspended, and begin anew after', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { suspend: true });
    await cluster.until(() => work(cluster).status?.conditions !== undefined);
    expect(cluster.all(pods)).toEqual([]);
    const resume = (suspend: boolean): Promise<unknown> =>
      cluster.client.update(jobs, place, (job) => ({ ...job, spec: { ...job.spec, suspend } }));
    await resume(false);
    await cluster.until(
      () => cluster.all(pods).some(({ status }) => status?.phase === 'Running'),
      cluster.actAsNodes,
    );
    await resume(true);
    await cluster.until(() => cluster.all(pods).length === 0, cluster.actAsNodes);
    expect(work(cluster).status?.startTime).toBeUndefined();
    await resume(false);
    await untilEnd(cluster, all('Succeeded'));
    expect(work(cluster).status?.failed).toBeUndefined();
  });

  it('go some time after their end, with their pods', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { ttlSecondsAfterFinished: 100 });
    await untilEnd(cluster, all('Succeeded'));
    const end = cluster.bench.parts.clock.now();
    await cluster.until(() => cluster.all(jobs).length === 0);
    expect(cluster.bench.parts.clock.now() - end).toBeGreaterThanOrEqual(98_000);
    await cluster.until(() => cluster.all(pods).length === 0);
  });

  it.each(['Background', 'Foreground', 'Orphan'])(
    'can be deleted while they run: %s',
    async (how) => {
      await using cluster = await clusterBench();
      await create(cluster);
      await cluster.until(
        () => cluster.all(pods).some(({ status }) => status?.phase === 'Running'),
        cluster.actAsNodes,
      );
      const body = { propagationPolicy: how };
      await cluster.bench.ask('delete', { resource: 'jobs.batch/v1', name: 'work', body });
      await cluster.until(() => cluster.all(jobs).length === 0, cluster.actAsNodes);
      const left = how === 'Orphan' ? 1 : 0;
      await cluster.until(() => cluster.all(pods).length === left, cluster.actAsNodes);
      await cluster.until(() =>
        cluster.all(pods).every(({ metadata }) => metadata.finalizers === undefined),
      );
    },
  );
});

describe('indexes', () => {
  it.each(['', '3', '1,3-5,7', '0,1,4-9'])('reads and writes %j', (text) => {
    expect(formatIndexes(parseIndexes(text))).toBe(text);
  });
});
