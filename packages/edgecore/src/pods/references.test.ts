import { version, uid, type ObjectKey } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import { ReferenceIndex } from './reference-index.ts';
import { readReferences, referencesOf } from './references.ts';
import { podObject } from './testing/pod-node.ts';

const pod = podObject({
  initContainers: [{ name: 'init', envFrom: [{ configMapRef: { name: 'init' } }] }],
  containers: [
    {
      name: 'main',
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'env', key: 'a' } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'env', key: 'b' } } },
        { name: 'C', value: 'c' },
      ],
    },
  ],
  volumes: [
    { name: 'v1', configMap: { name: 'files' } },
    { name: 'v2', secret: { secretName: 'files' } },
    {
      name: 'v3',
      projected: { sources: [{ configMap: { name: 'part' } }, { secret: { name: 'part' } }] },
    },
    { name: 'v4', emptyDir: {} },
  ],
});

describe('referencesOf', () => {
  it('finds every ConfigMap and Secret a pod names', () => {
    expect([...referencesOf(pod)].toSorted()).toEqual([
      'configmaps/default/env',
      'configmaps/default/files',
      'configmaps/default/init',
      'configmaps/default/part',
      'secrets/default/env',
      'secrets/default/files',
      'secrets/default/part',
    ]);
  });
});

describe('readReferences', () => {
  it('decodes what is held, and leaves out what is not', async () => {
    const objects: Record<string, object> = {
      'configmaps/default/a': { data: { text: 'ü' }, binaryData: { bytes: 'AAH/' } },
      'secrets/default/a': { data: { token: 'czNjcjN0' } },
    };
    const reader = {
      get: (key: ObjectKey) => {
        const object = objects[key];
        const bytes = Buffer.from(JSON.stringify(object ?? null));
        const held = { key, uid: uid('u'), version: version('1'), object: bytes };
        return Promise.resolve(object && held);
      },
      list: () => Promise.resolve([]),
    };
    const keys = ['configmaps/default/a', 'secrets/default/a', 'secrets/default/b'] as ObjectKey[];
    const held = await readReferences(reader, keys);
    expect([...held.keys()]).toEqual(keys.slice(0, 2));
    expect(held.get(keys[0]!)?.get('text')?.toString()).toBe('ü');
    expect(held.get(keys[0]!)?.get('bytes')).toEqual(Buffer.from([0, 1, 255]));
    expect(held.get(keys[1]!)?.get('token')?.toString()).toBe('s3cr3t');
  });
});

describe('ReferenceIndex', () => {
  it('knows which pods use what, as last told', () => {
    const index = new ReferenceIndex();
    const [web, db] = ['pods/default/web', 'pods/default/db'] as ObjectKey[];
    const [site, key] = ['configmaps/default/site', 'secrets/default/key'] as ObjectKey[];
    index.set(web!, new Set([site!, key!]));
    index.set(db!, new Set([key!]));
    expect(index.users(key!)).toEqual([web, db]);
    index.set(web!, new Set());
    expect(index.users(key!)).toEqual([db]);
    expect(index.users(site!)).toEqual([]);
  });
});
