import { describe, expect, it } from 'vitest';
import {
  localDataFinalizer,
  localProvisioner,
  onlyOn,
  provisionedBy,
} from '@skerry/shared/kube/local-volumes';
import { removalOf, type EndingVolume } from './removal.ts';

const keeper = { node: 'edge-1', directory: '/data/volumes' };
const path = '/data/volumes/pvc-1_default_data';

const ending: EndingVolume = {
  metadata: {
    name: 'pvc-1',
    uid: 'u',
    deletionTimestamp: '2026-01-01T00:00:00Z',
    annotations: { [provisionedBy]: localProvisioner },
    finalizers: [localDataFinalizer],
  },
  spec: {
    nodeAffinity: onlyOn('edge-1'),
    local: { path },
    persistentVolumeReclaimPolicy: 'Delete',
  },
  status: { phase: 'Released' },
};

const withSpec = (spec: Partial<EndingVolume['spec']>): EndingVolume => ({
  ...ending,
  spec: { ...ending.spec, ...spec },
});
const withMetadata = (metadata: Partial<EndingVolume['metadata']>): EndingVolume => ({
  ...ending,
  metadata: { ...ending.metadata, ...metadata },
});

describe('what is in a volume', () => {
  it('is removed when the volume is deleted and its policy says so', () => {
    expect(removalOf(ending, keeper)).toEqual({ do: 'remove', path });
  });

  const { deletionTimestamp: _never, ...alive } = ending.metadata;
  it.each<readonly [string, EndingVolume]>([
    ['is to be retained', withSpec({ persistentVolumeReclaimPolicy: 'Retain' })],
    ['is not deleted', { ...ending, metadata: alive }],
    ['is still bound', { ...ending, status: { phase: 'Bound' } }],
    ['is of another node', withSpec({ nodeAffinity: onlyOn('edge-2') })],
    ['is of another provisioner', withMetadata({ annotations: {} })],
    ['has been let go', withMetadata({ finalizers: [] })],
  ])('stays when the volume %s', (_what, volume) => {
    expect(removalOf(volume, keeper)).toEqual({ do: 'nothing' });
  });

  it.each([
    '/etc',
    '/data/volumes',
    '/data/volumes/',
    '/data/volumes/pvc-2_default_data',
    '/data/volumes/pvc-1_default_data/..',
    '/data/volumes/../pvc-1_default_data',
    '/data/volumes/pvc-1_x/inner',
    'pvc-1_default_data',
    '',
  ])('stays when it would be at %j', (elsewhere) => {
    const removal = removalOf(withSpec({ local: { path: elsewhere } }), keeper);
    expect(removal.do).toBe('refuse');
  });
});
