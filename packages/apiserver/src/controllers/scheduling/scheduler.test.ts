import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { clusterBench, type ClusterBench } from '../../testing/cluster-bench.ts';
import { events, nodes, pods } from '../client/kinds.ts';
import { conditionOf } from '../workload/pod-state.ts';

async function addNode({ bench, client }: ClusterBench, name: string, room = '2'): Promise<void> {
  await bench.ask('create', { resource: 'nodes', body: { metadata: { name } } });
  const allocatable = { cpu: '4', memory: '8Gi', pods: room };
  await client.updateStatus(nodes, { namespace: '', name }, () => ({ allocatable }));
}

async function addPod(
  { bench }: ClusterBench,
  name: string,
  more: Record<string, Json> = {},
): Promise<void> {
  const spec = { containers: [{ name: 'c', image: 'x' }], ...more };
  await bench.ask('create', { resource: 'pods', body: { metadata: { name }, spec } });
}

const nodeOf = ({ client }: ClusterBench, name: string): string | undefined =>
  client.get(pods, { namespace: 'default', name })?.spec.nodeName;

describe('the scheduler', () => {
  it('says why a pod waits, and binds it when there is room', async () => {
    await using cluster = await clusterBench({ role: 'cluster' });
    await addNode(cluster, 'a', '1');
    await addPod(cluster, 'first');
    await cluster.until(() => nodeOf(cluster, 'first') === 'a');
    await addPod(cluster, 'second');
    const waits = (): string | undefined => {
      const pod = cluster.client.get(pods, { namespace: 'default', name: 'second' });
      return pod && conditionOf(pod, 'PodScheduled')?.message;
    };
    await cluster.until(() => waits() === '0/1 nodes are available: 1 Too many pods.');
    const told = (): unknown[] =>
      cluster.all(events).filter((event) => event['reason'] === 'FailedScheduling');
    await cluster.until(() => told().length === 1);
    await cluster.bench.parts.clock.advance(600_000);
    expect(told()).toHaveLength(1);
    await cluster.client.delete(pods, { namespace: 'default', name: 'first' }, { graceSeconds: 0 });
    await cluster.until(() => nodeOf(cluster, 'second') === 'a');
  });

  it('leaves to others the pods that name another scheduler', async () => {
    await using cluster = await clusterBench({ role: 'cluster' });
    await addNode(cluster, 'a');
    await addPod(cluster, 'theirs', { schedulerName: 'another' });
    await addPod(cluster, 'ours');
    await cluster.until(() => nodeOf(cluster, 'ours') === 'a');
    await cluster.bench.parts.clock.advance(60_000);
    expect(nodeOf(cluster, 'theirs')).toBeUndefined();
  });

  it('never puts more on a node than it bears, however many come at once and it is restarted', async () => {
    await using cluster = await clusterBench({ role: 'cluster' });
    const names = Array.from({ length: 100 }, (_, at) => `p${at}`);
    await Promise.all(names.map((name) => addPod(cluster, name)));
    for (const node of ['a', 'b', 'c']) await addNode(cluster, node, '30');
    await cluster.restart();
    await cluster.until(
      () => names.filter((name) => nodeOf(cluster, name) !== undefined).length === 90,
    );
    await cluster.bench.parts.clock.advance(60_000);
    const counts = Map.groupBy(names, (name) => nodeOf(cluster, name) ?? 'nowhere');
    expect([...counts.values()].map((some) => some.length).sort()).toEqual([10, 30, 30, 30]);
    await addNode(cluster, 'd', '20');
    await cluster.until(() => names.every((name) => nodeOf(cluster, name) !== undefined));
  });
});
