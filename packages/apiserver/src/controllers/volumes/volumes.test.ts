import { describe, expect, it } from 'vitest';
import { volumesDirectoryAnnotation } from '@skerry/shared/kube/local-volumes';
import type { Json } from '../../json.ts';
import { clusterBench, type ClusterBench } from '../../testing/cluster-bench.ts';
import { events, nodes, pods } from '../client/kinds.ts';
import { claims, volumes, type Claim, type Volume } from '../client/storage-kinds.ts';
import { whereIs } from './binder.ts';
import { makeDefaultClass } from './default-class.ts';

const place = { namespace: 'default', name: 'data' };

async function site(): Promise<ClusterBench> {
  const cluster = await clusterBench({ role: 'cluster' });
  await makeDefaultClass(cluster.bench.parts);
  for (const [name, directory] of [
    ['bare', undefined],
    ['edge-1', '/var/lib/skerry/edgecore/volumes'],
  ] as const) {
    const labels = { 'kubernetes.io/hostname': name };
    const annotations = directory === undefined ? {} : { [volumesDirectoryAnnotation]: directory };
    const body = { metadata: { name, labels, annotations } };
    await cluster.bench.ask('create', { resource: 'nodes', body });
    const allocatable = { cpu: '4', memory: '8Gi', pods: '10' };
    await cluster.client.updateStatus(nodes, { namespace: '', name }, () => ({ allocatable }));
  }
  return cluster;
}

function claim(cluster: ClusterBench, more: Record<string, Json> = {}): Promise<unknown> {
  const spec = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    ...more,
  };
  const body = { metadata: { name: 'data' }, spec };
  return cluster.bench.ask('create', { resource: 'persistentvolumeclaims', body });
}

function disk(cluster: ClusterBench, more: Record<string, Json> = {}): Promise<unknown> {
  const spec = {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '2Gi' },
    hostPath: { path: '/disk' },
    storageClassName: '',
    ...more,
  };
  const body = { metadata: { name: 'disk' }, spec };
  return cluster.bench.ask('create', { resource: 'persistentvolumes', body });
}

function user(cluster: ClusterBench): Promise<unknown> {
  const spec = {
    containers: [{ name: 'c', image: 'x' }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
  };
  const body = { metadata: { name: 'db' }, spec };
  return cluster.bench.ask('create', { resource: 'pods', body });
}

const held = ({ client }: ClusterBench): Claim | undefined => client.get(claims, place);
const pv = ({ client }: ClusterBench): Volume | undefined => client.list(volumes, '')[0];
const told = (cluster: ClusterBench, reason: string): Json | undefined =>
  cluster.all(events).find((event) => event['reason'] === reason)?.['message'];
const nodeOf = ({ client }: ClusterBench): string | undefined =>
  client.get(pods, { namespace: 'default', name: 'db' })?.spec.nodeName;

describe('a claim of the default class', () => {
  it('waits for a pod, which goes where there can be a volume and is bound with it', async () => {
    await using cluster = await site();
    await claim(cluster);
    expect(held(cluster)?.spec.storageClassName).toBe('local-path');
    await cluster.until(() => told(cluster, 'WaitForFirstConsumer') !== undefined);
    expect(pv(cluster)).toBeUndefined();
    await user(cluster);
    await cluster.until(() => nodeOf(cluster) === 'edge-1');
    const { uid = '' } = held(cluster)?.metadata ?? {};
    expect(held(cluster)?.status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
    });
    expect(pv(cluster)).toMatchObject({
      metadata: { name: `pvc-${uid}` },
      spec: {
        local: { path: `/var/lib/skerry/edgecore/volumes/pvc-${uid}_default_data` },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: 'local-path',
      },
      status: { phase: 'Bound' },
    });
    expect(told(cluster, 'ProvisioningSucceeded')).toBe(
      `Successfully provisioned volume pvc-${uid}`,
    );
  });

  it('goes after its pods, and its volume when the node has removed what is in it', async () => {
    await using cluster = await site();
    await claim(cluster);
    await user(cluster);
    await cluster.until(() => nodeOf(cluster) === 'edge-1');
    await cluster.client.delete(claims, place);
    await cluster.bench.parts.clock.advance(60_000);
    expect(held(cluster)?.status?.phase).toBe('Bound');
    const pod = { namespace: 'default', name: 'db' };
    await cluster.client.delete(pods, pod, { graceSeconds: 0 });
    await cluster.until(() => held(cluster) === undefined);
    await cluster.until(() => pv(cluster)?.metadata.deletionTimestamp !== undefined);
    expect(pv(cluster)?.status?.phase).toBe('Released');
    await cluster.until(() => pv(cluster)?.metadata.finalizers?.length === 1);
    expect(pv(cluster)?.metadata.finalizers).toEqual(['edge.skerry.io/local-data']);
    await cluster.restart();
    await cluster.bench.parts.clock.advance(60_000);
    expect(pv(cluster)).toBeDefined();
    await cluster.client.delete(nodes, { namespace: '', name: 'edge-1' });
    await cluster.until(() => pv(cluster) === undefined);
    expect(told(cluster, 'VolumeFailedDelete')).toContain('stays there');
  });

  it('leaves its volume when that is to be retained', async () => {
    await using cluster = await site();
    await claim(cluster);
    await user(cluster);
    await cluster.until(() => nodeOf(cluster) === 'edge-1');
    const volume = pv(cluster);
    if (!volume) throw new Error('there is no volume');
    await cluster.client.update(volumes, whereIs(volume), (one) => ({
      ...one,
      spec: { ...one.spec, persistentVolumeReclaimPolicy: 'Retain' },
    }));
    await cluster.client.delete(pods, { namespace: 'default', name: 'db' }, { graceSeconds: 0 });
    await cluster.client.delete(claims, place);
    await cluster.until(() => pv(cluster)?.status?.phase === 'Released');
    expect(pv(cluster)?.metadata.deletionTimestamp).toBeUndefined();
    await cluster.client.delete(volumes, whereIs(volume));
    await cluster.until(() => pv(cluster) === undefined);
  });

  it('is told why no volume can be made for it', async () => {
    await using cluster = await site();
    await claim(cluster, { accessModes: ['ReadWriteMany'] });
    await user(cluster);
    await cluster.until(() => told(cluster, 'ProvisioningFailed') !== undefined);
    expect(told(cluster, 'ProvisioningFailed')).toContain('access mode ReadWriteMany');
    expect(nodeOf(cluster)).toBeUndefined();
  });
});

describe('a claim without a class', () => {
  it('is bound to a volume as soon as one fits, and is lost with it', async () => {
    await using cluster = await site();
    await claim(cluster, { storageClassName: '' });
    await cluster.until(() => told(cluster, 'FailedBinding') !== undefined);
    await disk(cluster);
    await cluster.until(() => held(cluster)?.status?.phase === 'Bound');
    expect(held(cluster)?.status?.capacity).toEqual({ storage: '2Gi' });
    expect(held(cluster)?.metadata.annotations).toEqual({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    });
    await cluster.client.delete(volumes, { namespace: '', name: 'disk' });
    await cluster.bench.parts.clock.advance(60_000);
    expect(pv(cluster)?.status?.phase).toBe('Bound');
    await cluster.client.update(volumes, { namespace: '', name: 'disk' }, (one) => ({
      ...one,
      metadata: { ...one.metadata, finalizers: [] },
    }));
    await cluster.until(() => held(cluster)?.status?.phase === 'Lost');
    expect(told(cluster, 'ClaimLost')).toContain('lost its PersistentVolume');
  });

  it('keeps its pod waiting until it is bound, and then on the nodes of its volume', async () => {
    await using cluster = await site();
    await claim(cluster, { storageClassName: '' });
    await user(cluster);
    await cluster.until(() => told(cluster, 'FailedScheduling') !== undefined);
    expect(told(cluster, 'FailedScheduling')).toBe(
      '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
    );
    const expression = { key: 'kubernetes.io/hostname', operator: 'In', values: ['bare'] };
    const nodeAffinity = {
      required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] },
    };
    await disk(cluster, { nodeAffinity });
    await cluster.until(() => nodeOf(cluster) === 'bare');
  });
});

describe('a volume whose claim has gone', () => {
  it('says that nobody here can delete it', async () => {
    await using cluster = await site();
    await disk(cluster, { persistentVolumeReclaimPolicy: 'Delete' });
    await cluster.until(() => pv(cluster)?.status?.phase === 'Available');
    await claim(cluster, { storageClassName: '' });
    await cluster.until(() => held(cluster)?.status?.phase === 'Bound');
    await cluster.client.delete(claims, place);
    await cluster.until(() => pv(cluster)?.status?.phase === 'Failed');
    expect(told(cluster, 'VolumeFailedDelete')).toContain('no deletable volume plugin matched');
  });
});

describe('a bound claim', () => {
  it('stays as it is, and grows only where its class lets it', async () => {
    await using cluster = await site();
    await disk(cluster);
    await claim(cluster, { storageClassName: '' });
    await cluster.until(() => held(cluster)?.status?.phase === 'Bound');
    const change = (spec: Claim['spec']): Promise<unknown> =>
      cluster.client.update(claims, place, (one) => ({ ...one, spec: { ...one.spec, ...spec } }));
    await expect(change({ accessModes: ['ReadWriteMany'] })).rejects.toThrow(
      'spec is immutable after creation except resources.requests',
    );
    await expect(change({ resources: { requests: { storage: '9Gi' } } })).rejects.toThrow(
      'the storageclass that provisions the pvc must support resize',
    );
    await expect(change({ resources: { requests: { storage: '1' } } })).rejects.toThrow(
      'field can not be less than previous value',
    );
  });
});
