import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { clusterBench, type ClusterBench } from '../../testing/cluster-bench.ts';
import { controllerRevisions, daemonSets, nodes, pods, type DaemonSet } from '../client/kinds.ts';
import type { Taint } from '../client/objects.ts';
import { isEnding, isReady } from '../workload/pod-state.ts';
import { nodeOf } from './daemon-pod.ts';

const place = { namespace: 'default', name: 'agent' };

async function site(more: Record<string, Json> = {}): Promise<ClusterBench> {
  const cluster = await clusterBench({ role: 'cluster' });
  for (const name of ['a', 'b', 'c']) await addNode(cluster, name);
  const labels = { app: 'agent' };
  const template = {
    metadata: { labels },
    spec: { nodeSelector: { role: 'edge' }, containers: [{ name: 'c', image: 'example/agent:1' }] },
  };
  await cluster.bench.ask('create', {
    resource: 'daemonsets.apps/v1',
    body: {
      metadata: { name: 'agent' },
      spec: { selector: { matchLabels: labels }, template, ...more },
    },
  });
  await cluster.until(() => isDone(cluster), cluster.actAsNodes);
  return cluster;
}

async function addNode(
  { bench, client }: ClusterBench,
  name: string,
  role = 'edge',
): Promise<void> {
  const body = { metadata: { name, labels: { role } } };
  await bench.ask('create', { resource: 'nodes', body });
  const allocatable = { cpu: '4', memory: '8Gi', pods: '10' };
  await client.updateStatus(nodes, { namespace: '', name }, () => ({ allocatable }));
}

function agent({ client }: ClusterBench): DaemonSet {
  const set = client.get(daemonSets, place);
  if (!set) throw new Error('there is no set');
  return set;
}

function isDone(cluster: ClusterBench): boolean {
  const { metadata, status = {} } = agent(cluster);
  const {
    observedGeneration,
    desiredNumberScheduled: desired,
    updatedNumberScheduled,
    numberAvailable,
  } = status;
  const isObserved = observedGeneration === metadata.generation && desired !== 0;
  return isObserved && updatedNumberScheduled === desired && numberAvailable === desired;
}

const where = (cluster: ClusterBench): string[] =>
  cluster
    .all(pods)
    .filter((pod) => !isEnding(pod))
    .map(nodeOf)
    .sort();

async function taint({ client }: ClusterBench, name: string, taints: Taint[]): Promise<void> {
  await client.update(nodes, { namespace: '', name }, (node) => ({ ...node, spec: { taints } }));
}

async function update({ client }: ClusterBench): Promise<void> {
  await client.update(daemonSets, place, (set) => {
    const { template } = set.spec;
    const spec = { ...template.spec, containers: [{ name: 'c', image: 'example/agent:2' }] };
    return { ...set, spec: { ...set.spec, template: { ...template, spec } } };
  });
}

describe('daemon sets', () => {
  it('run on every node they select, on those that come and no longer on those that go', async () => {
    await using cluster = await site();
    expect(where(cluster)).toEqual(['a', 'b', 'c']);
    expect(
      cluster
        .all(pods)
        .map(({ spec }) => spec.nodeName)
        .sort(),
    ).toEqual(['a', 'b', 'c']);
    await addNode(cluster, 'd');
    await addNode(cluster, 'other', 'office');
    await cluster.until(() => where(cluster).length === 4, cluster.actAsNodes);
    await cluster.client.delete(nodes, { namespace: '', name: 'a' });
    await cluster.until(() => where(cluster).join() === 'b,c,d', cluster.actAsNodes);
  });

  it('stay on nodes in trouble, and leave those whose taints they do not tolerate', async () => {
    await using cluster = await site();
    await taint(cluster, 'a', [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }]);
    await taint(cluster, 'b', [{ key: 'mine', effect: 'NoSchedule' }]);
    await taint(cluster, 'c', [{ key: 'mine', effect: 'NoExecute' }]);
    await cluster.until(() => where(cluster).join() === 'a,b', cluster.actAsNodes);
  });

  it('make a new pod for one that failed', async () => {
    await using cluster = await site();
    const [pod] = cluster.all(pods);
    await cluster.endPods(({ metadata }) =>
      metadata.uid === pod?.metadata.uid ? 'Failed' : undefined,
    );
    await cluster.until(
      () =>
        cluster.all(pods).filter(isReady).length === 3 &&
        !cluster.all(pods).some(({ metadata }) => metadata.uid === pod?.metadata.uid),
      cluster.actAsNodes,
    );
  });

  it.each([
    ['one at a time', {}, 2],
    ['two at a time', { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } }, 1],
    [
      'beside the old',
      { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
      3,
    ],
  ])('update %s', async (_how, strategy, least) => {
    await using cluster = await site(strategy);
    await update(cluster);
    let fewest = 3;
    await cluster.until(
      () => isDone(cluster) && cluster.all(pods).length === 3,
      async () => {
        const ready = cluster.all(pods).filter((pod) => isReady(pod) && !isEnding(pod));
        fewest = Math.min(fewest, new Set(ready.map(nodeOf)).size);
        await cluster.actAsNodes();
      },
    );
    expect(fewest).toBe(least);
    const images = cluster.all(pods).map(({ spec }) => spec.containers[0]?.['image']);
    expect(new Set(images)).toEqual(new Set(['example/agent:2']));
    expect(cluster.all(controllerRevisions)).toHaveLength(2);
  });

  it('say of an empty set that nothing is wanted', async () => {
    await using cluster = await clusterBench();
    const labels = { app: 'agent' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } };
    const spec = { selector: { matchLabels: labels }, template };
    await cluster.bench.ask('create', {
      resource: 'daemonsets.apps/v1',
      body: { metadata: { name: 'agent' }, spec },
    });
    await cluster.until(() => agent(cluster).status?.['observedGeneration'] === 1);
    expect(agent(cluster).status).toEqual({
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
      observedGeneration: 1,
    });
  });
});
