import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectAt, valueAt, type Json, type JsonObject } from '../json.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { readSchema } from '../schema/read-schema.ts';
import { ApplyConflict, serverSideApply, type ApplyBy } from './apply.ts';
import { MalformedPatch } from './malformed-patch.ts';
import { trackUpdate } from './managed-fields.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const schema = builtinSchema('', 'ConfigMap')!;

function by(manager: string, more: Partial<ApplyBy> = {}): ApplyBy {
  return { manager, force: false, now, apiVersion: 'v1', ...more };
}

function configMap(data: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ssa', ...metadata }, data };
}

function apply(live: Json | undefined, data: JsonObject, options: ApplyBy): JsonObject {
  return serverSideApply(live, configMap(data), options, schema);
}

function owners(object: Json): Json[] {
  const entries = valueAt(object, 'metadata', 'managedFields') as JsonObject[];
  return entries.map(
    ({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1] as Json[],
  );
}

describe('serverSideApply', () => {
  it('makes an object owned by its applier', () => {
    const object = apply(undefined, { a: '1' }, by('kubectl'));
    expect(objectAt(object, 'data')).toEqual({ a: '1' });
    expect(valueAt(object, 'metadata', 'managedFields')).toEqual([
      {
        manager: 'kubectl',
        operation: 'Apply',
        apiVersion: 'v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:a': {} } },
      },
    ]);
  });

  it('refuses to change what another applier owns, unless forced', () => {
    const live = apply(undefined, { a: '1' }, by('kubectl'));
    expect(() => apply(live, { a: '2' }, by('other'))).toThrow(
      'Apply failed with 1 conflict: conflict with "kubectl": .data.a',
    );
    const forced = apply(live, { a: '2' }, by('other', { force: true }));
    expect(objectAt(forced, 'data')).toEqual({ a: '2' });
    expect(owners(forced)).toEqual([['other', 'Apply', { 'f:data': { 'f:a': {} } }]]);
  });

  it('names updaters with their version, and all conflicts by manager', () => {
    const data = { a: '1', b: '1' };
    const managedFields = trackUpdate(
      undefined,
      configMap(data),
      { manager: 'kubectl', operation: 'Update', apiVersion: 'v1', now },
      schema,
    );
    const live = configMap(data, { managedFields });
    expect(() => apply(live, { a: '2' }, by('other'))).toThrow(
      'Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.a',
    );
    try {
      apply(live, { a: '2', b: '2' }, by('other'));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ApplyConflict);
      expect((error as ApplyConflict).conflicts).toEqual([
        { manager: '"kubectl" using v1', field: '.data.a' },
        { manager: '"kubectl" using v1', field: '.data.b' },
      ]);
      expect((error as ApplyConflict).message).toBe(
        'Apply failed with 2 conflicts: conflicts with "kubectl" using v1:\n- .data.a\n- .data.b',
      );
    }
  });

  it('lets two appliers own the same value', () => {
    const live = apply(undefined, { a: '1' }, by('one'));
    const both = apply(live, { a: '1' }, by('two'));
    expect(owners(both)).toHaveLength(2);
    const left = apply(both, {}, by('one'));
    expect(objectAt(left, 'data')).toEqual({ a: '1' });
    expect(owners(left)).toEqual([
      ['one', 'Apply', { 'f:data': {} }],
      ['two', 'Apply', { 'f:data': { 'f:a': {} } }],
    ]);
  });

  it('removes what its applier no longer names and nobody else owns', () => {
    const live = apply(undefined, { a: '1', b: '2' }, by('kubectl'));
    const next = apply(live, { b: '2' }, by('kubectl'));
    expect(objectAt(next, 'data')).toEqual({ b: '2' });
    expect(owners(next)).toEqual([['kubectl', 'Apply', { 'f:data': { 'f:b': {} } }]]);
  });

  it('leaves alone what nobody applied', () => {
    const live = { ...apply(undefined, { a: '1' }, by('kubectl')), immutable: false };
    expect(apply(live, {}, by('kubectl'))).toMatchObject({ immutable: false });
  });

  it('removes a container with its defaults, and keeps the order of those it names', () => {
    const pods = builtinSchema('', 'Pod')!;
    const pod = (...names: string[]): Json => ({
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: names.map((name) => ({ name, image: 'i' })) },
    });
    const made = serverSideApply(undefined, pod('a', 'b'), by('kubectl'), pods);
    const defaulted = {
      ...made,
      spec: {
        containers: [
          { name: 'a', image: 'i', imagePullPolicy: 'Always' },
          { name: 'injected', image: 'sidecar' },
          { name: 'b', image: 'i', imagePullPolicy: 'Always' },
        ],
      },
    };
    const next = serverSideApply(defaulted, pod('c', 'b'), by('kubectl'), pods);
    expect(valueAt(next, 'spec', 'containers')).toEqual([
      { name: 'injected', image: 'sidecar' },
      { name: 'c', image: 'i' },
      { name: 'b', image: 'i', imagePullPolicy: 'Always' },
    ]);
  });

  it('applies custom resources by the list types of their schema', () => {
    const widget = readSchema({
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
            list: { type: 'array', items: { type: 'string' } },
          },
        },
      },
    });
    const make = (tags: string[], list: string[]): Json => ({
      metadata: { name: 'w' },
      spec: { tags, list },
    });
    const live = serverSideApply(undefined, make(['a'], ['a']), by('one'), widget);
    const next = serverSideApply(live, make(['b'], ['a']), by('two'), widget);
    expect(valueAt(next, 'spec')).toEqual({ tags: ['a', 'b'], list: ['a'] });
    expect(owners(next)).toEqual([
      ['one', 'Apply', { 'f:spec': { 'f:list': {}, 'f:tags': { 'v:"a"': {} } } }],
      ['two', 'Apply', { 'f:spec': { 'f:list': {}, 'f:tags': { 'v:"b"': {} } } }],
    ]);
  });

  it('refuses a configuration with managed fields of its own', () => {
    expect(() =>
      serverSideApply(undefined, configMap({}, { managedFields: [] }), by('m'), schema),
    ).toThrow(MalformedPatch);
    expect(() => serverSideApply(undefined, [], by('m'), schema)).toThrow(MalformedPatch);
  });

  const data = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'));

  it('does the same when repeated', () => {
    fc.assert(
      fc.property(data, data, (first, second) => {
        const live = apply(undefined, first, by('one'));
        const once = apply(live, second, by('two', { force: true }));
        expect(apply(once, second, by('two', { now: now + 60_000 }))).toEqual(once);
      }),
    );
  });

  it('leaves nothing of an applier that names nothing any more', () => {
    fc.assert(
      fc.property(data, data, (first, second) => {
        const live = apply(apply(undefined, first, by('one')), second, by('two', { force: true }));
        const left = apply(live, {}, by('one'));
        expect(objectAt(left, 'data')).toEqual(second);
      }),
    );
  });
});
