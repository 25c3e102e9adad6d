import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, type Json } from '../json.ts';
import { JsonPatchFailed, jsonPatch, maxJsonPatchCopy } from './json-patch.ts';
import { pointerTokens } from './json-pointer.ts';
import { MalformedPatch } from './malformed-patch.ts';

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

describe('jsonPatch', () => {
  it.each<[string, Json, Json, Json]>([
    [
      'adds a member',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux' }],
      { baz: 'qux', foo: 'bar' },
    ],
    [
      'adds an element',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    [
      'appends',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc'] }],
      { foo: ['bar', ['abc']] },
    ],
    [
      'removes a member',
      { baz: 'qux', foo: 'bar' },
      [{ op: 'remove', path: '/baz' }],
      { foo: 'bar' },
    ],
    [
      'removes an element',
      { foo: ['a', 'b', 'c'] },
      [{ op: 'remove', path: '/foo/1' }],
      { foo: ['a', 'c'] },
    ],
    [
      'replaces a value',
      { baz: 'qux' },
      [{ op: 'replace', path: '/baz', value: 'boo' }],
      { baz: 'boo' },
    ],
    ['replaces the last element', [1, 2], [{ op: 'replace', path: '/-1', value: 3 }], [1, 3]],
    [
      'moves a value',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 1 } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 1, thud: 'fred' } },
    ],
    [
      'moves an element',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [
      'copies a value',
      { a: { b: 1 } },
      [{ op: 'copy', from: '/a', path: '/c' }],
      { a: { b: 1 }, c: { b: 1 } },
    ],
    [
      'tests a value',
      { baz: 'qux', foo: ['a', 2] },
      [{ op: 'test', path: '/foo', value: ['a', 2] }],
      { baz: 'qux', foo: ['a', 2] },
    ],
    ['takes a missing member for null', {}, [{ op: 'test', path: '/a', value: null }], {}],
    [
      'reads escapes',
      { '/': 9, '~1': 10 },
      [
        { op: 'test', path: '/~01', value: 10 },
        { op: 'remove', path: '/~1' },
      ],
      { '~1': 10 },
    ],
    ['replaces the whole document', { a: 1 }, [{ op: 'replace', path: '', value: [] }], []],
    [
      'applies in order',
      { data: { b: '5' } },
      [
        { op: 'test', path: '/data/b', value: '5' },
        { op: 'add', path: '/data/c', value: '7' },
      ],
      { data: { b: '5', c: '7' } },
    ],
  ])('%s', (_name, target, operations, patched) => {
    expect(jsonPatch(target, operations)).toEqual(patched);
  });

  it.each<[Json, Json, string]>([
    [
      { data: { b: '5' } },
      { op: 'test', path: '/data/b', value: 'wrong' },
      'testing value /data/b failed: test failed',
    ],
    [{}, { op: 'remove', path: '/a' }, 'Unable to remove nonexistent key: a: missing value'],
    [
      {},
      { op: 'remove', path: '/a/b' },
      'remove operation does not apply: doc is missing path: "/a/b": missing value',
    ],
    [
      {},
      { op: 'replace', path: '/a', value: 1 },
      'replace operation does not apply: doc is missing key: /a: missing value',
    ],
    [
      {},
      { op: 'add', path: '/a/b', value: 1 },
      'add operation does not apply: doc is missing path: "/a/b": missing value',
    ],
    [
      [],
      { op: 'add', path: '/1', value: 1 },
      'Unable to access invalid index: 1: invalid index referenced',
    ],
    [[], { op: 'add', path: '/x', value: 1 }, "value was not a proper array index: 'x'"],
    [
      {},
      { op: 'move', from: '/a', path: '/b' },
      'move operation does not apply: doc is missing from path: /a: missing value',
    ],
    [
      { a: {} },
      { op: 'move', from: '/a', path: '/a/b' },
      'move operation does not apply: /a/b lies inside /a',
    ],
    [{}, { op: 'copy', path: '/b' }, 'copy operation failed to decode from: missing value'],
    [{}, { op: 'add', value: 1 }, 'add operation failed to decode path: missing value'],
    [{}, { op: 'frob', path: '/a' }, 'Unexpected kind: frob'],
  ])('refuses on %j the operation %j', (target, operation, message) => {
    expect(() => jsonPatch(target, [operation])).toThrow(new JsonPatchFailed(message));
  });

  it('refuses what is no list of operations', () => {
    expect(() => jsonPatch({}, { op: 'add' })).toThrow(MalformedPatch);
    expect(() => jsonPatch({}, ['add'])).toThrow(MalformedPatch);
  });

  it('stops a patch that keeps doubling the document', () => {
    const doubling = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
    expect(() => jsonPatch({ a: ['x'.repeat(1024)] }, doubling)).toThrow(
      `exceeding the limit ${maxJsonPatchCopy}`,
    );
  });

  it('turns any document into any other by the operations between them', () => {
    fc.assert(
      fc.property(json, json, (from, to) => {
        expect(jsonPatch(from, operationsBetween(from, to, []))).toEqual(to);
      }),
    );
  });

  it('leaves the document as it was', () => {
    fc.assert(
      fc.property(json, json, (from, to) => {
        const before = JSON.stringify(from);
        jsonPatch(from, operationsBetween(from, to, []));
        expect(JSON.stringify(from)).toBe(before);
      }),
    );
  });
});

describe('pointerTokens', () => {
  it('reads back what pointerTo wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (tokens) => {
        expect(pointerTokens(pointerTo(tokens))).toEqual(tokens);
      }),
    );
  });

  it('knows a pointer by its slash', () => {
    expect(pointerTokens('')).toEqual([]);
    expect(pointerTokens('a/b')).toBeUndefined();
  });
});

function operationsBetween(from: Json, to: Json, path: readonly string[]): Json[] {
  if (isObject(from) && isObject(to)) {
    const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
    return [
      ...gone.map((key) => ({ op: 'remove', path: pointerTo([...path, key]) })),
      ...Object.entries(to).flatMap(([key, value]) =>
        Object.hasOwn(from, key)
          ? operationsBetween(from[key]!, value, [...path, key])
          : [{ op: 'add', path: pointerTo([...path, key]), value }],
      ),
    ];
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    return [
      ...from.map(() => ({ op: 'remove', path: pointerTo([...path, '0']) })),
      ...to.map((value) => ({ op: 'add', path: pointerTo([...path, '-']), value })),
    ];
  }
  return [{ op: 'replace', path: pointerTo(path), value: to }];
}

function pointerTo(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
