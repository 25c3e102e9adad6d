import { describe, expect, it } from 'vitest';
import type { Volume } from '../pod.ts';
import { referenceKey, type Entries } from '../references.ts';
import { podObject } from '../testing/pod-node.ts';
import { digestOf, volumeContent } from './volume-content.ts';

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
    allocatable: { cpu: '4', memory: '1024' },
  },
};

const files = (volume: Omit<Volume, 'name'>): Record<string, string> => {
  const content = volumeContent({ name: 'v', ...volume }, sources);
  if (content.type !== 'files') throw new Error(content.type);
  return Object.fromEntries(
    content.files.map(({ path, mode, bytes }) => [path, `${mode.toString(8)} ${bytes.toString()}`]),
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
    const volume = { name: 'v', nfs: { server: 's', path: '/' } } as Volume;
    expect(() => volumeContent(volume, sources)).toThrow('kind unknown to this node');
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
      digest({ hostPath: { path: '/a' } }),
      digest({ hostPath: { path: '/a', type: 'File' } }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digest({ configMap: { name: 'site' } })).toBe(digests[0]);
  });
});
