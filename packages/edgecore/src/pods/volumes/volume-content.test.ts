import { readAmounts } from '@skerry/shared/kube/amounts';
import { describe, expect, it } from 'vitest';
import { referenceKey, type Entries } from '../references.ts';
import type { Sources } from '../env.ts';
import { PodAwaits } from '../pod-errors.ts';
import { podObject } from '../testing/pod-node.ts';
import type { TokenState } from '../tokens/token-wish.ts';
import type { Volume } from './volume.ts';
import { digestOf, volumeContent, type VolumeContent } from './volume-content.ts';

const entries = (data: Record<string, string>): Entries =>
  new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)]));

const sources = {
  pod: podObject({ metadata: { labels: { b: '2', a: 'one "1"' } } }),
  held: new Map([
    [referenceKey('configmap', 'default', 'site'), entries({ a: 'A', b: 'B' })],
    [referenceKey('secret', 'default', 'key'), entries({ token: 't' })],
  ]),
  surroundings: {
    nodeName: 'edge-1',
    hostIp: '192.0.2.7',
    podIp: '',
    allocatable: readAmounts({ cpu: '4', memory: '1024' }),
  },
};

const content = (volume: Omit<Volume, 'name'>): VolumeContent =>
  volumeContent({ name: 'v', ...volume }, sources);

const files = (volume: Omit<Volume, 'name'>): Record<string, string> => {
  const found = content(volume);
  if (found.type !== 'files') throw new Error(found.type);
  return Object.fromEntries(
    found.files.map(({ path, mode, bytes }) => [path, `${mode.toString(8)} ${bytes.toString()}`]),
  );
};

describe('volumeContent', () => {
  it('makes a file of every key, or of those that are named', () => {
    expect(files({ configMap: { name: 'site' } })).toEqual({ a: '644 A', b: '644 B' });
    const items = [{ key: 'b', path: 'deep/er/b', mode: 0o400 }];
    expect(files({ configMap: { name: 'site', items } })).toEqual({ 'deep/er/b': '400 B' });
    expect(files({ secret: { secretName: 'key', defaultMode: 0o440 } })).toEqual({
      token: '440 t',
    });
  });

  it('does without what is optional, and says what is not', () => {
    expect(files({ configMap: { name: 'none', optional: true } })).toEqual({});
    expect(() => files({ secret: { secretName: 'none' } })).toThrow('secret "none" not found');
    const items = [{ key: 'none', path: 'x' }];
    expect(() => files({ configMap: { name: 'site', items } })).toThrow(
      'references non-existent config key: none',
    );
    expect(files({ configMap: { name: 'site', items, optional: true } })).toEqual({});
  });

  it('tells a pod about itself', () => {
    const items = [
      { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
      { path: 'name', fieldRef: { fieldPath: 'metadata.name' } },
      { path: 'cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' } },
    ];
    expect(files({ downwardAPI: { items } })).toEqual({
      labels: '644 a="one \\"1\\""\nb="2"',
      name: '644 web',
      cpu: '644 4',
    });
  });

  it('projects several sources into one directory, later ones over earlier ones', () => {
    const projected = {
      defaultMode: 0o600,
      sources: [
        { configMap: { name: 'site' } },
        { secret: { name: 'key', items: [{ key: 'token', path: 'a' }] } },
        { downwardAPI: { items: [{ path: 'ns', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    };
    expect(files({ projected })).toEqual({ a: '600 t', b: '600 B', ns: '600 default' });
  });

  it.each(['/etc/passwd', '../x', 'a/../../x', ''])('refuses the path %j', (path) => {
    expect(() => files({ configMap: { name: 'site', items: [{ key: 'a', path }] } })).toThrow(
      'invalid path',
    );
  });

  it('says when it does not know a kind of volume', () => {
    const volume = { name: 'v', csi: { driver: 'x' } } as Volume;
    expect(() => volumeContent(volume, sources)).toThrow('kind unknown to this node');
    const projected = { sources: [{ clusterTrustBundle: {} } as object] };
    expect(() => files({ projected })).toThrow('clusterTrustBundle is unknown to this node');
    expect(() => content({ emptyDir: { medium: 'HugePages' } })).toThrow(
      'storage medium "HugePages" is unknown to this node',
    );
  });

  it('knows what is empty, on disk or in memory, and what is of the host or a server', () => {
    expect(content({ emptyDir: { sizeLimit: '1Mi' } })).toMatchObject({ type: 'directory' });
    expect(content({ emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } })).toMatchObject({
      type: 'memory',
      sizeBytes: 1024 ** 2,
    });
    expect(content({ hostPath: { path: '/etc', type: 'Directory' } })).toMatchObject({
      type: 'host',
      path: '/etc',
      expected: 'Directory',
    });
    expect(content({ nfs: { server: 's', path: '/x', readOnly: true } })).toMatchObject({
      type: 'nfs',
      source: 's:/x',
      options: ['ro'],
      readOnly: true,
    });
  });

  describe('of a claim', () => {
    const bound = (spec: object): Sources => ({
      ...sources,
      claims: new Map([
        [
          'data',
          {
            claim: {
              metadata: { uid: 'c' },
              spec: { volumeName: 'disk' },
              status: { phase: 'Bound' },
            },
            volume: { metadata: { name: 'disk' }, spec: { claimRef: { uid: 'c' }, ...spec } },
          },
        ],
      ]),
    });
    const claimed = (from: Sources, readOnly = false): VolumeContent =>
      volumeContent({ name: 'v', persistentVolumeClaim: { claimName: 'data', readOnly } }, from);
    const of = (host: string): object => ({
      required: {
        nodeSelectorTerms: [
          {
            matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [host] }],
          },
        ],
      },
    });

    it('is what the volume is that it is bound to', () => {
      const local = { local: { path: '/mnt/disk' }, nodeAffinity: of('edge-1') };
      expect(claimed(bound(local))).toMatchObject({
        type: 'host',
        path: '/mnt/disk',
        expected: 'Directory',
        readOnly: false,
      });
      const hostPath = { path: '/srv', type: 'DirectoryOrCreate' };
      expect(claimed(bound({ hostPath }), true)).toMatchObject({
        type: 'host',
        path: '/srv',
        readOnly: true,
      });
      const nfs = { nfs: { server: 's', path: '/x' }, mountOptions: ['vers=4'] };
      expect(claimed(bound(nfs), true)).toMatchObject({ type: 'nfs', options: ['vers=4', 'ro'] });
    });

    it.each([
      ['persistentvolumeclaim "data" not found', {}],
      ['PVC default/data is not bound', { claim: { metadata: { uid: 'c' } } }],
    ])('says %s', (message, held) => {
      expect(() => claimed({ ...sources, claims: new Map([['data', held]]) })).toThrow(message);
    });

    it.each([
      ['PV disk is not bound to PVC default/data', { claimRef: { uid: 'other' } }],
      ['PV disk has volumeMode Block', { volumeMode: 'Block' }],
      ['PV disk is not of this node', { local: { path: '/' }, nodeAffinity: of('edge-2') }],
      ['persistent volume disk is of a kind unknown', { csi: { driver: 'x' } }],
    ])('says %s', (message, spec) => {
      expect(() => claimed(bound(spec))).toThrow(message);
    });
  });

  describe('of a service account', () => {
    const projected = { sources: [{ serviceAccountToken: { path: 'token', audience: 'vault' } }] };
    const withToken = (state: TokenState | undefined, spec: object = {}): Sources => ({
      ...sources,
      pod: podObject(spec),
      tokens: new Map(state && [['3600 vault', state]]),
    });
    const token = (from: Sources): string | undefined => {
      const found = volumeContent({ name: 'v', projected }, from);
      const [file] = found.type === 'files' ? found.files : [];
      const owner = [file?.uid, file?.gid].map((id) => id ?? '-').join(':');
      return file && `${file.path} ${file.mode.toString(8)} ${owner} ${file.bytes.toString()}`;
    };
    const held = { phase: 'held', token: 't' } as const;

    it('holds its token, for its readers alone where they are known', () => {
      expect(token(withToken(held))).toBe('token 644 -:- t');
      const ofGroup = { securityContext: { fsGroup: 7 } };
      expect(token(withToken(held, ofGroup))).toBe('token 640 -:7 t');
      const ofUser = { securityContext: { runAsUser: 5 } };
      expect(token(withToken(held, ofUser))).toBe('token 600 5:- t');
    });

    it('waits for what is on its way, and says what cannot be had', () => {
      expect(() => token(withToken(undefined))).toThrow(PodAwaits);
      expect(() => token(withToken({ phase: 'failed', message: 'no link' }))).toThrow(
        'failed to fetch token: no link',
      );
    });
  });

  it('lets a pod’s group read its files', () => {
    const pod = podObject({ securityContext: { fsGroup: 7 } });
    const volume = { name: 'v', secret: { secretName: 'key', defaultMode: 0o400 } };
    expect(volumeContent(volume, { ...sources, pod })).toMatchObject({
      gid: 7,
      files: [{ path: 'token', mode: 0o440, gid: 7 }],
    });
  });

  it('has a digest that changes with any byte, name or mode', () => {
    const digest = (volume: Omit<Volume, 'name'>): string =>
      digestOf([volumeContent({ name: 'v', ...volume }, sources)]);
    const a = [{ key: 'a', path: 'p' }];
    const digests = [
      digest({ configMap: { name: 'site' } }),
      digest({ configMap: { name: 'site', defaultMode: 0o600 } }),
      digest({ configMap: { name: 'site', items: a } }),
      digest({ configMap: { name: 'site', items: [{ key: 'b', path: 'p' }] } }),
      digest({ emptyDir: {} }),
      digest({ emptyDir: { medium: 'Memory' } }),
      digest({ hostPath: { path: '/a' } }),
      digest({ hostPath: { path: '/a', type: 'File' } }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digest({ configMap: { name: 'site' } })).toBe(digests[0]);
  });
});
