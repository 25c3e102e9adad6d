import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { clusterBench, type ClusterBench } from '../../testing/cluster-bench.ts';
import { deployments, events, pods, replicaSets, type Deployment } from '../client/kinds.ts';
import { isActive, isReady } from '../workload/pod-state.ts';
import { revisionOf } from './revisions.ts';

const place = { namespace: 'default', name: 'web' };

function manifest(image: string, more: Record<string, Json> = {}): Json {
  const labels = { app: 'web' };
  return {
    metadata: { name: 'web' },
    spec: {
      replicas: 4,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image }] } },
      ...more,
    },
  };
}

function web({ client }: ClusterBench): Deployment {
  const deployment = client.get(deployments, place);
  if (!deployment) throw new Error('there is no deployment');
  return deployment;
}

function isDone(cluster: ClusterBench): boolean {
  const { metadata, spec, status } = web(cluster);
  const { observedGeneration, updatedReplicas, availableReplicas, replicas } = status ?? {};
  const isObserved = observedGeneration === metadata.generation;
  return (
    isObserved && [updatedReplicas, availableReplicas, replicas].every((n) => n === spec.replicas)
  );
}

async function create(cluster: ClusterBench, more: Record<string, Json> = {}): Promise<void> {
  const body = manifest('example/app:1', more);
  await cluster.bench.ask('create', { resource: 'deployments.apps/v1', body });
  await cluster.until(() => isDone(cluster), cluster.actAsNodes);
}

async function change(
  cluster: ClusterBench,
  alter: (spec: Deployment['spec']) => Deployment['spec'],
): Promise<void> {
  await cluster.client.update(deployments, place, (deployment) => ({
    ...deployment,
    spec: alter(deployment.spec),
  }));
}

const withImage =
  (image: string) =>
  (spec: Deployment['spec']): Deployment['spec'] => ({
    ...spec,
    template: { ...spec.template, spec: { containers: [{ name: 'c', image }] } },
  });

function conditionOf(cluster: ClusterBench, type: string): Record<string, unknown> | undefined {
  return web(cluster).status?.conditions?.find((condition) => condition.type === type);
}

describe('deployments', () => {
  it('roll over within their room, and tell of it', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } });
    await change(cluster, withImage('example/app:2'));
    const seen: { active: number; ready: number }[] = [];
    await cluster.until(() => {
      const active = cluster.all(pods).filter(isActive);
      seen.push({ active: active.length, ready: active.filter(isReady).length });
      return isDone(cluster);
    }, cluster.actAsNodes);
    expect(Math.max(...seen.map(({ active }) => active))).toBe(5);
    expect(Math.min(...seen.map(({ ready }) => ready))).toBeGreaterThanOrEqual(3);
    const images = cluster.all(pods).map(({ spec }) => spec.containers[0]?.['image']);
    expect(new Set(images)).toEqual(new Set(['example/app:2']));
    expect(conditionOf(cluster, 'Progressing')).toMatchObject({ reason: 'NewReplicaSetAvailable' });
    expect(conditionOf(cluster, 'Available')).toMatchObject({ reason: 'MinimumReplicasAvailable' });
    const told = cluster.all(events).map((event) => event['message']);
    expect(told).toContainEqual(
      expect.stringMatching(/^Scaled up replica set web-\w+ from 0 to 4$/),
    );
  });

  it.each([
    ['the start', 0],
    ['the middle', 3],
  ])('go on where they were when they are restarted at %s', async (_when, seconds) => {
    await using cluster = await clusterBench();
    await create(cluster);
    await change(cluster, withImage('example/app:2'));
    for (let second = 0; second < seconds; second++) {
      await cluster.actAsNodes();
      await cluster.bench.parts.clock.advance(1000);
    }
    await cluster.restart();
    await cluster.until(() => isDone(cluster), cluster.actAsNodes);
    expect(cluster.all(replicaSets)).toHaveLength(2);
    expect(cluster.all(pods)).toHaveLength(4);
  });

  it('take up an old set when they go back, under a new number', async () => {
    await using cluster = await clusterBench();
    await create(cluster);
    for (const image of ['example/app:2', 'example/app:1']) {
      await change(cluster, withImage(image));
      await cluster.until(() => isDone(cluster), cluster.actAsNodes);
    }
    expect(cluster.all(replicaSets).map(revisionOf).sort()).toEqual([2, 3]);
    expect(web(cluster).metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '3' });
  });

  it('keep as many old sets as they are told', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { revisionHistoryLimit: 1 });
    for (const image of ['example/app:2', 'example/app:3', 'example/app:4']) {
      await change(cluster, withImage(image));
      await cluster.until(() => isDone(cluster), cluster.actAsNodes);
    }
    await cluster.until(() => cluster.all(replicaSets).length === 2);
    expect(cluster.all(replicaSets).map(revisionOf).sort()).toEqual([3, 4]);
  });

  it('end everything old before anything new when they recreate', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { strategy: { type: 'Recreate' } });
    await change(cluster, withImage('example/app:2'));
    const mixed: boolean[] = [];
    await cluster.until(() => {
      const images = new Set(cluster.all(pods).map(({ spec }) => spec.containers[0]?.['image']));
      mixed.push(images.size > 1);
      return isDone(cluster) && images.has('example/app:2');
    }, cluster.actAsNodes);
    expect(mixed).not.toContain(true);
  });

  it('roll nothing while they are paused, but grow and shrink', async () => {
    await using cluster = await clusterBench();
    await create(cluster);
    await change(cluster, (spec) => ({
      ...withImage('example/app:2')(spec),
      paused: true,
      replicas: 6,
    }));
    await cluster.until(() => cluster.all(pods).length === 6, cluster.actAsNodes);
    expect(cluster.all(replicaSets)).toHaveLength(1);
    await cluster.until(
      () => conditionOf(cluster, 'Progressing')?.['reason'] === 'DeploymentPaused',
    );
    await change(cluster, ({ paused: _paused, ...spec }) => spec);
    await cluster.until(() => isDone(cluster), cluster.actAsNodes);
    expect(cluster.all(replicaSets)).toHaveLength(2);
  });

  it('say when they make no progress', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { progressDeadlineSeconds: 60 });
    await change(cluster, withImage('example/broken:1'));
    await cluster.until(() => conditionOf(cluster, 'Progressing')?.['status'] === 'False');
    expect(conditionOf(cluster, 'Progressing')).toMatchObject({
      reason: 'ProgressDeadlineExceeded',
    });
    expect(conditionOf(cluster, 'Available')).toMatchObject({ status: 'True' });
  });
});
