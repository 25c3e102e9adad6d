import { describe, expect, it } from 'vitest';
import type { Claim, Volume } from '../client/storage-kinds.ts';
import { matchingVolume, type Matching } from './match.ts';

const metadata = { namespace: '', uid: '', creationTimestamp: '2026-01-01T00:00:00Z' };

function claimOf(spec: Claim['spec'] = {}): Claim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...metadata, namespace: 'default', name: 'data', uid: 'c-1' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '5Gi' } },
      ...spec,
    },
  };
}

function volume(name: string, spec: Volume['spec'] = {}, more: Partial<Volume> = {}): Volume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { ...metadata, name, labels: { disk: name } },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '5Gi' }, ...spec },
    status: { phase: 'Available' },
    ...more,
  };
}

const on = (host: string): Volume['spec'] => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'host', operator: 'In', values: [host] }] }],
    },
  },
});
const here = { node: { name: 'here', labels: { host: 'here' } } };
const promised = (uid?: string): Volume['spec'] => ({
  claimRef: { namespace: 'default', name: 'data', ...(uid === undefined ? {} : { uid }) },
});

type Row = readonly [
  what: string,
  claim: Claim,
  volumes: readonly Volume[],
  found: string | undefined,
  matching?: Matching,
];

const rows: readonly Row[] = [
  [
    'the smallest that fits',
    claimOf(),
    [
      volume('big', { capacity: { storage: '9Gi' } }),
      volume('fit'),
      volume('small', { capacity: { storage: '4Gi' } }),
    ],
    'fit',
  ],
  ['the first by name of equal ones', claimOf(), [volume('b'), volume('a')], 'a'],
  [
    'nothing too small',
    claimOf(),
    [volume('small', { capacity: { storage: '4999M' } })],
    undefined,
  ],
  [
    'one with all the modes, and the fewest beyond',
    claimOf(),
    [
      volume('many', { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] }),
      volume('one', { capacity: { storage: '9Gi' } }),
    ],
    'one',
  ],
  [
    'nothing that lacks a mode',
    claimOf({ accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }),
    [volume('one')],
    undefined,
  ],
  [
    'only its class',
    claimOf({ storageClassName: 'fast' }),
    [volume('none'), volume('fast', { storageClassName: 'fast' })],
    'fast',
  ],
  [
    'nothing of a class for an empty one',
    claimOf({ storageClassName: '' }),
    [volume('fast', { storageClassName: 'fast' })],
    undefined,
  ],
  ['nothing of another volumeMode', claimOf({ volumeMode: 'Block' }), [volume('files')], undefined],
  [
    'what its selector selects',
    claimOf({ selector: { matchLabels: { disk: 'b' } } }),
    [volume('a'), volume('b')],
    'b',
  ],
  [
    'nothing that is not available',
    claimOf(),
    [volume('used', {}, { status: { phase: 'Released' } })],
    undefined,
  ],
  [
    'nothing promised to another',
    claimOf(),
    [volume('theirs', { claimRef: { namespace: 'default', name: 'other' } })],
    undefined,
  ],
  [
    'nothing promised to an earlier claim of its name',
    claimOf(),
    [volume('old', promised('c-0'))],
    undefined,
  ],
  [
    'what is promised to it by name, before one that fits better',
    claimOf(),
    [volume('fit'), volume('own', { ...promised(), capacity: { storage: '9Gi' } })],
    'own',
  ],
  [
    'what is promised to it, even while it waits for a pod',
    claimOf(),
    [volume('own', promised('c-1'))],
    'own',
    { delayed: true },
  ],
  [
    'nothing else while it waits for a pod',
    claimOf(),
    [volume('fit')],
    undefined,
    { delayed: true },
  ],
  [
    'what the node of its pod reaches',
    claimOf(),
    [volume('far', on('there')), volume('near', on('here'))],
    'near',
    here,
  ],
  [
    'nothing else than its own, though the node does not reach that',
    claimOf(),
    [volume('own', { ...promised(), ...on('there') }), volume('near', on('here'))],
    undefined,
    here,
  ],
  ['nothing that is taken', claimOf(), [volume('a'), volume('b')], 'b', { taken: new Set(['a']) }],
  [
    'nothing that is being deleted',
    claimOf(),
    [volume('a', {}, { metadata: { ...metadata, name: 'a', deletionTimestamp: 'now' } })],
    undefined,
  ],
];

describe('a claim is given', () => {
  for (const [what, claim, volumes, found, matching] of rows)
    it(what, () => {
      expect(matchingVolume(claim, volumes, matching)?.metadata.name).toBe(found);
    });
});
