import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { clusterBench, type ClusterBench } from '../../testing/cluster-bench.ts';
import { events, nodes, pods } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
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

async function addClass({ bench }: ClusterBench, name: string, value: number): Promise<void> {
  const resource = 'priorityclasses.scheduling.k8s.io/v1';
  await bench.ask('create', { resource, body: { metadata: { name }, value } });
}

const podNamed = ({ client }: ClusterBench, name: string): Pod | undefined =>
  client.get(pods, { namespace: 'default', name });

describe('a pod of high priority', () => {
  it('takes the place of the least important one, when that has ended', async () => {
    await using cluster = await clusterBench({ role: 'cluster' });
    await addClass(cluster, 'low', 1);
    await addClass(cluster, 'middle', 5);
    await addClass(cluster, 'high', 10);
    await addNode(cluster, 'a', '2');
    await addPod(cluster, 'cheap', { priorityClassName: 'low' });
    await addPod(cluster, 'dear', { priorityClassName: 'middle' });
    await cluster.until(() => nodeOf(cluster, 'dear') === 'a' && nodeOf(cluster, 'cheap') === 'a');
    await addPod(cluster, 'urgent', { priorityClassName: 'high' });
    const ending = (name: string): boolean =>
      podNamed(cluster, name)?.metadata.deletionTimestamp !== undefined;
    await cluster.until(() => ending('cheap'));
    expect(podNamed(cluster, 'urgent')?.status?.nominatedNodeName).toBe('a');
    const victim = podNamed(cluster, 'cheap')!;
    expect(conditionOf(victim, 'DisruptionTarget')?.reason).toBe('PreemptionByScheduler');
    await addPod(cluster, 'late', { priorityClassName: 'middle' }); // does not get what is promised
    await cluster.client.delete(pods, victim.metadata, { graceSeconds: 0 });
    await cluster.until(() => nodeOf(cluster, 'urgent') === 'a');
    await cluster.bench.parts.clock.advance(60_000);
    expect([ending('dear'), nodeOf(cluster, 'late')]).toEqual([false, undefined]);
    expect(cluster.all(events).filter((event) => event['reason'] === 'Preempted')).toHaveLength(1);
  });

  it.each([
    ['when its class pushes nobody out', { value: 10, preemptionPolicy: 'Never' }],
    ['of the same priority', { value: 1 }],
  ])('pushes nobody out %s', async (_when, more) => {
    await using cluster = await clusterBench({ role: 'cluster' });
    await addClass(cluster, 'low', 1);
    const resource = 'priorityclasses.scheduling.k8s.io/v1';
    await cluster.bench.ask('create', { resource, body: { metadata: { name: 'x' }, ...more } });
    await addNode(cluster, 'a', '1');
    await addPod(cluster, 'first', { priorityClassName: 'low' });
    await cluster.until(() => nodeOf(cluster, 'first') === 'a');
    await addPod(cluster, 'second', { priorityClassName: 'x' });
    const waits = (): boolean => {
      const pod = podNamed(cluster, 'second');
      return pod !== undefined && conditionOf(pod, 'PodScheduled')?.status === 'False';
    };
    await cluster.until(waits);
    await cluster.bench.parts.clock.advance(60_000);
    expect(podNamed(cluster, 'first')?.metadata.deletionTimestamp).toBeUndefined();
    expect(podNamed(cluster, 'second')?.status?.nominatedNodeName).toBeUndefined();
  });
});

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
