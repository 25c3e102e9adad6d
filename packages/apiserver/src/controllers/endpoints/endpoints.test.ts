import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import { clusterBench, type ClusterBench } from '../../testing/cluster-bench.ts';
import { endpoints, endpointSlices, pods } from '../client/kinds.ts';
import { listAt, textAt, valueAt } from '../../json.ts';

const ready = (podIP: string, status = 'True'): JsonObject => ({
  phase: 'Running',
  podIP,
  conditions: [{ type: 'Ready', status }],
});

async function site(ports: Json = [{ port: 80, targetPort: 'http' }]): Promise<ClusterBench> {
  const cluster = await clusterBench();
  const body = { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports } };
  await cluster.bench.ask('create', { resource: 'services', body });
  return cluster;
}

async function addPod(
  { bench, client }: ClusterBench,
  name: string,
  status: JsonObject,
): Promise<void> {
  const container = { name: 'c', image: 'x', ports: [{ name: 'http', containerPort: 8080 }] };
  const spec = { nodeName: 'n', containers: [container] };
  const body = { metadata: { name, labels: { app: 'web' } }, spec };
  await bench.ask('create', { resource: 'pods', body });
  await client.updateStatus(pods, { namespace: 'default', name }, () => status);
}

const addresses = (cluster: ClusterBench, field: string): string[] =>
  cluster
    .all(endpoints)
    .flatMap((one) => listAt(one, 'subsets'))
    .flatMap((subset) => listAt(subset, field))
    .map((address) => textAt(address, 'ip') ?? '');

const sliced = (cluster: ClusterBench): Json[] =>
  cluster
    .all(endpointSlices)
    .flatMap((slice) => listAt(slice, 'endpoints'))
    .map((one) => [...listAt(one, 'addresses'), valueAt(one, 'conditions', 'ready') ?? null]);

describe('endpoints', () => {
  it('name the pods of a service, those that are ready apart from those that are not', async () => {
    await using cluster = await site();
    await addPod(cluster, 'a', ready('10.0.0.1'));
    await addPod(cluster, 'b', ready('10.0.0.2', 'False'));
    await cluster.until(() => sliced(cluster).length === 2);
    expect(addresses(cluster, 'addresses')).toEqual(['10.0.0.1']);
    expect(addresses(cluster, 'notReadyAddresses')).toEqual(['10.0.0.2']);
    const [object] = cluster.all(endpoints);
    expect(listAt(object, 'subsets')).toMatchObject([{ ports: [{ port: 8080, protocol: 'TCP' }] }]);
    expect(sliced(cluster)).toEqual([
      ['10.0.0.1', true],
      ['10.0.0.2', false],
    ]);
    const [slice] = cluster.all(endpointSlices);
    expect(slice).toMatchObject({
      addressType: 'IPv4',
      metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    });
  });

  it('follow pods that change, leave and lose the label', async () => {
    await using cluster = await site([{ port: 80 }]);
    for (const last of [1, 2, 3]) await addPod(cluster, `p${last}`, ready(`10.0.0.${last}`));
    await cluster.until(() => addresses(cluster, 'addresses').length === 3);
    await cluster.client.delete(pods, { namespace: 'default', name: 'p1' }, { graceSeconds: 0 });
    await cluster.client.update(pods, { namespace: 'default', name: 'p2' }, (pod) => ({
      ...pod,
      metadata: { ...pod.metadata, labels: {} },
    }));
    await cluster.until(() => addresses(cluster, 'addresses').join() === '10.0.0.3');
    await cluster.until(() => sliced(cluster).length === 1);
    expect(cluster.all(endpointSlices)).toHaveLength(1);
  });

  it('go with their service', async () => {
    await using cluster = await site();
    await cluster.until(
      () => cluster.all(endpoints).length + cluster.all(endpointSlices).length === 2,
    );
    await cluster.bench.ask('delete', { resource: 'services', name: 'web' });
    await cluster.until(
      () => cluster.all(endpoints).length + cluster.all(endpointSlices).length === 0,
    );
  });

  it('are left to others when the service selects nothing', async () => {
    await using cluster = await clusterBench();
    const spec = { ports: [{ port: 80 }] };
    await cluster.bench.ask('create', {
      resource: 'services',
      body: { metadata: { name: 'web' }, spec },
    });
    const subsets = [{ addresses: [{ ip: '10.0.0.9' }], ports: [{ port: 80 }] }];
    await cluster.bench.ask('create', {
      resource: 'endpoints',
      body: { metadata: { name: 'web' }, subsets },
    });
    await cluster.bench.parts.clock.advance(60_000);
    expect(addresses(cluster, 'addresses')).toEqual(['10.0.0.9']);
    expect(cluster.all(endpointSlices)).toEqual([]);
  });
});
