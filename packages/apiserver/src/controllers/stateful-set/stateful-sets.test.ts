import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { clusterBench, type ClusterBench } from '../../testing/cluster-bench.ts';
import { controllerRevisions, pods, statefulSets, type StatefulSet } from '../client/kinds.ts';
import { claims } from '../client/storage-kinds.ts';
import { isReady } from '../workload/pod-state.ts';

const place = { namespace: 'default', name: 'db' };

async function create(cluster: ClusterBench, more: Record<string, Json> = {}): Promise<void> {
  const labels = { app: 'db' };
  const template = {
    metadata: { labels },
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'example/db:1' }] },
  };
  const spec = {
    replicas: 3,
    serviceName: 'db',
    selector: { matchLabels: labels },
    template,
    ...more,
  };
  await cluster.bench.ask('create', {
    resource: 'statefulsets.apps/v1',
    body: { metadata: { name: 'db' }, spec },
  });
}

function db({ client }: ClusterBench): StatefulSet {
  const set = client.get(statefulSets, place);
  if (!set) throw new Error('there is no set');
  return set;
}

function isDone(cluster: ClusterBench): boolean {
  const { metadata, spec, status = {} } = db(cluster);
  const { observedGeneration, replicas, readyReplicas = 0, updatedReplicas = 0 } = status;
  const counts = [replicas, readyReplicas, updatedReplicas];
  return observedGeneration === metadata.generation && counts.every((n) => n === spec.replicas);
}

const names = (cluster: ClusterBench): string[] =>
  cluster.all(pods).map(({ metadata }) => metadata.name);

function change(
  { client }: ClusterBench,
  alter: (spec: StatefulSet['spec']) => StatefulSet['spec'],
): Promise<unknown> {
  return client.update(statefulSets, place, (set) => ({ ...set, spec: alter(set.spec) }));
}

const withImage =
  (image: string) =>
  (spec: StatefulSet['spec']): StatefulSet['spec'] => ({
    ...spec,
    template: {
      ...spec.template,
      spec: { ...spec.template.spec, containers: [{ name: 'c', image }] },
    },
  });

const images = (cluster: ClusterBench): unknown[] =>
  cluster.all(pods).map(({ spec }) => spec.containers[0]?.['image']);

describe('stateful sets', () => {
  it('begin one pod after the other, each with its name and its claims', async () => {
    await using cluster = await clusterBench();
    const requests = { requests: { storage: '1Gi' } };
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: requests },
    };
    await create(cluster, { volumeClaimTemplates: [claim] });
    await cluster.until(
      () => isDone(cluster),
      async () => {
        const waiting = cluster.all(pods).filter((pod) => !isReady(pod));
        expect(waiting.length).toBeLessThanOrEqual(1);
        await cluster.actAsNodes();
      },
    );
    expect(names(cluster)).toEqual(['db-0', 'db-1', 'db-2']);
    expect(cluster.all(claims).map(({ metadata }) => metadata.name)).toEqual([
      'data-db-0',
      'data-db-1',
      'data-db-2',
    ]);
    const [first] = cluster.all(pods);
    expect(first?.spec).toMatchObject({
      hostname: 'db-0',
      subdomain: 'db',
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }],
    });
    expect(first?.metadata.labels).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'db-0' });
    const { status = {} } = db(cluster);
    expect(status.currentRevision).toBe(status.updateRevision);
  });

  it('begin all at once when they may', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { podManagementPolicy: 'Parallel' });
    await cluster.until(() => names(cluster).length === 3);
  });

  it('shrink from the last, and keep claims', async () => {
    await using cluster = await clusterBench();
    await create(cluster);
    await cluster.until(() => isDone(cluster), cluster.actAsNodes);
    await change(cluster, (spec) => ({ ...spec, replicas: 1 }));
    const seen: string[] = [];
    await cluster.until(
      () => isDone(cluster) && names(cluster).length === 1,
      async () => {
        seen.push(names(cluster).join());
        await cluster.actAsNodes();
      },
    );
    expect(names(cluster)).toEqual(['db-0']);
    expect(new Set(seen)).toContain('db-0,db-1');
  });

  it('update from the last to the first, one at a time, and survive restarts', async () => {
    await using cluster = await clusterBench();
    await create(cluster);
    await cluster.until(() => isDone(cluster), cluster.actAsNodes);
    await change(cluster, withImage('example/db:2'));
    await cluster.until(
      () =>
        isDone(cluster) &&
        db(cluster).status?.currentRevision === db(cluster).status?.updateRevision,
      async () => {
        expect(cluster.all(pods).filter(isReady).length).toBeGreaterThanOrEqual(2);
        await cluster.actAsNodes();
        await cluster.restart();
      },
    );
    expect(images(cluster)).toEqual(['example/db:2', 'example/db:2', 'example/db:2']);
    expect(cluster.all(controllerRevisions).map(({ revision }) => revision)).toHaveLength(2);
  });

  it('update only from the partition on', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { updateStrategy: { rollingUpdate: { partition: 2 } } });
    await cluster.until(() => isDone(cluster), cluster.actAsNodes);
    await change(cluster, withImage('example/db:2'));
    const isUpdated = (): boolean =>
      images(cluster).at(-1) === 'example/db:2' && cluster.all(pods).every(isReady);
    await cluster.until(isUpdated, cluster.actAsNodes);
    expect(images(cluster)).toEqual(['example/db:1', 'example/db:1', 'example/db:2']);
    await cluster.client.delete(pods, { namespace: 'default', name: 'db-0' }, { graceSeconds: 0 });
    await cluster.until(
      () => names(cluster).length === 3 && cluster.all(pods).every(isReady),
      cluster.actAsNodes,
    );
    expect(images(cluster)).toEqual(['example/db:1', 'example/db:1', 'example/db:2']);
  });

  it('leave the update to whoever deletes pods when they are told so', async () => {
    await using cluster = await clusterBench();
    await create(cluster, { updateStrategy: { type: 'OnDelete' } });
    await cluster.until(() => isDone(cluster), cluster.actAsNodes);
    await change(cluster, withImage('example/db:2'));
    await cluster.until(() => db(cluster).status?.['updatedReplicas'] === undefined);
    expect(new Set(images(cluster))).toEqual(new Set(['example/db:1']));
    await cluster.client.delete(pods, { namespace: 'default', name: 'db-1' }, { graceSeconds: 0 });
    await cluster.until(
      () => images(cluster)[1] === 'example/db:2' && images(cluster).length === 3,
    );
  });
});
