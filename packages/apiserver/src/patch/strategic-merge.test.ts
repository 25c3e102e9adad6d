import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { MalformedPatch } from './malformed-patch.ts';
import { mergeSchemaFor } from './merge-schema.ts';
import { strategicMerge } from './strategic-merge.ts';

function merge(kind: string, target: Json, patch: Json, group = ''): Json {
  return strategicMerge(target, patch, mergeSchemaFor(group, kind)!);
}

const spec = (fields: Record<string, Json>): Json => ({ spec: fields });

describe('strategicMerge', () => {
  it('merges maps and leaves what the patch does not name', () => {
    const one = { metadata: { labels: { app: 'x' } }, data: { b: '5', c: '7' } };
    expect(merge('ConfigMap', one, { metadata: { labels: { tier: 'edge' } } })).toEqual({
      metadata: { labels: { app: 'x', tier: 'edge' } },
      data: { b: '5', c: '7' },
    });
  });

  it('merges node conditions by type and puts the new one in front', () => {
    const ready = { type: 'Ready', status: 'True' };
    const pressure = { type: 'DiskPressure', status: 'False' };
    expect(
      merge('Node', { status: { conditions: [ready] } }, { status: { conditions: [pressure] } }),
    ).toEqual({ status: { conditions: [pressure, ready] } });
  });

  it('merges containers by name and their environment by name', () => {
    const live = spec({
      containers: [
        { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
        { name: 'b', image: 'b:1' },
      ],
    });
    const patch = spec({ containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] });
    expect(merge('Pod', live, patch)).toEqual(
      spec({
        containers: [
          {
            name: 'a',
            image: 'a:1',
            env: [
              { name: 'Y', value: '2' },
              { name: 'X', value: '1' },
            ],
          },
          { name: 'b', image: 'b:1' },
        ],
      }),
    );
  });

  it('replaces lists that have no merge strategy', () => {
    const live = spec({ containers: [{ name: 'a', command: ['sleep', '1'] }] });
    const patch = spec({ containers: [{ name: 'a', command: ['other'] }] });
    expect(merge('Pod', live, patch)).toEqual(patch);
  });

  it('removes an element marked for deletion', () => {
    const live = spec({ volumes: [{ name: 'a' }, { name: 'b' }] });
    const patch = spec({ volumes: [{ name: 'a', $patch: 'delete' }] });
    expect(merge('Pod', live, patch)).toEqual(spec({ volumes: [{ name: 'b' }] }));
  });

  it('replaces a list that says so', () => {
    const live = spec({ volumes: [{ name: 'a' }, { name: 'b' }] });
    const patch = spec({ volumes: [{ $patch: 'replace' }, { name: 'c' }] });
    expect(merge('Pod', live, patch)).toEqual(spec({ volumes: [{ name: 'c' }] }));
  });

  it('replaces or empties a map that says so', () => {
    const live = { metadata: { labels: { a: '1' } } };
    const labels = (value: Json): Json => ({ metadata: { labels: value } });
    expect(merge('Pod', live, labels({ $patch: 'replace', b: '2' }))).toEqual(labels({ b: '2' }));
    expect(merge('Pod', live, labels({ $patch: 'delete' }))).toEqual(labels({}));
  });

  it('unites lists of scalars and deletes from them by directive', () => {
    const live = { metadata: { finalizers: ['a', 'b'] } };
    expect(merge('Pod', live, { metadata: { finalizers: ['c', 'a'] } })).toEqual({
      metadata: { finalizers: ['c', 'a', 'b'] },
    });
    expect(
      merge('Pod', live, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }),
    ).toEqual({ metadata: { finalizers: ['b'] } });
  });

  it('keeps only the members that $retainKeys names', () => {
    const live = spec({ strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } });
    const patch = spec({ strategy: { $retainKeys: ['type'], type: 'Recreate' } });
    expect(merge('Deployment', live, patch, 'apps')).toEqual(
      spec({ strategy: { type: 'Recreate' } }),
    );
  });

  it('puts elements in the order that $setElementOrder wants', () => {
    const live = spec({ containers: [{ name: 'a' }, { name: 'x' }, { name: 'b' }] });
    const patch = spec({
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }, { name: 'a' }],
      containers: [{ name: 'c', image: 'c:1' }],
    });
    expect(merge('Pod', live, patch)).toEqual(
      spec({
        containers: [{ name: 'x' }, { name: 'b' }, { name: 'c', image: 'c:1' }, { name: 'a' }],
      }),
    );
  });

  it('drops directives and nulls from values that are new', () => {
    const patch = spec({
      containers: [{ name: 'a', image: null, env: [{ name: 'X', $patch: 'delete' }] }],
      '$setElementOrder/volumes': [],
    });
    expect(merge('Pod', {}, patch)).toEqual(spec({ containers: [{ name: 'a', env: [] }] }));
  });

  it('removes what the patch sets to null', () => {
    expect(merge('Node', spec({ unschedulable: true }), spec({ unschedulable: null }))).toEqual(
      spec({}),
    );
  });

  it('keeps two ports that differ only in protocol', () => {
    const ports = [
      { containerPort: 53, protocol: 'UDP' },
      { containerPort: 53, protocol: 'TCP' },
    ];
    const live = spec({ containers: [{ name: 'dns', ports }] });
    const patch = spec({ containers: [{ name: 'dns', ports: [{ containerPort: 80 }] }] });
    expect(merge('Pod', live, patch)).toEqual(
      spec({ containers: [{ name: 'dns', ports: [{ containerPort: 80 }, ...ports] }] }),
    );
  });

  it.each<[string, Json]>([
    ['an element without its merge key', spec({ containers: [{ image: 'a' }] })],
    ['an unknown directive', spec({ $patch: 'frob' })],
    ['a merge directive in a list', spec({ containers: [{ name: 'a', $patch: 'merge' }] })],
    [
      'an order that misses a patched element',
      spec({ '$setElementOrder/containers': [], containers: [{ name: 'a' }] }),
    ],
    ['a retainKeys that misses a patched member', spec({ $retainKeys: [], hostname: 'x' })],
    ['a primitive list that is none', { metadata: { '$deleteFromPrimitiveList/finalizers': 'a' } }],
  ])('refuses %s', (_what, patch) => {
    const live = { spec: { containers: [{ name: 'b' }] }, metadata: { finalizers: [] } };
    expect(() => merge('Pod', live, patch)).toThrow(MalformedPatch);
  });

  it('merges thousands of elements without growing slow', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => ({ name: `v${index}` }));
    const merged = merge('Pod', spec({ volumes: list }), spec({ volumes: list.toReversed() }));
    expect(merged).toEqual(spec({ volumes: list.toReversed() }));
  });

  it('never throws anything but MalformedPatch, and changes neither argument', () => {
    const json = fc.jsonValue({ maxDepth: 5 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, json, (live, patch) => {
        const before = JSON.stringify([live, patch]);
        try {
          merge('Pod', { spec: live }, { spec: patch });
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedPatch);
        }
        expect(JSON.stringify([live, patch])).toBe(before);
      }),
    );
  });
});
