import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, objectAt, sameJson, valueAt, type Json, type JsonObject } from '../json.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { readSchema } from '../schema/read-schema.ts';
import { toTyped } from '../schema/typed.ts';
import { compare } from './compare.ts';
import { difference, fromFieldsV1, isEmptySet, pathsOf, toFieldsV1, union } from './field-set.ts';
import { trackUpdate } from './managed-fields.ts';
import { maxUpdateManagers } from './managers.ts';

const now = Date.parse('2026-11-20T22:43:50Z');
const by = (manager: string, at: number = now) =>
  ({ manager, operation: 'Update', apiVersion: 'v1', now: at }) as const;

function created(group: string, kind: string, object: JsonObject): Json[] {
  const schema = builtinSchema(group, kind)!;
  return trackUpdate(undefined, toTyped({ kind, ...object }, schema), by('unknown'), schema);
}

const fieldsOf = (entries: readonly Json[]): Json => valueAt(entries[0], 'fieldsV1') ?? null;

describe('trackUpdate', () => {
  it('gives a new ConfigMap to its creator', () => {
    expect(
      created('', 'ConfigMap', {
        metadata: { name: 'one', labels: { app: 'x' } },
        data: { a: '1' },
      }),
    ).toEqual([
      {
        manager: 'unknown',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-11-20T22:43:50Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:data': { '.': {}, 'f:a': {} },
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
        },
      },
    ]);
  });

  it('names containers by their keys, and structs that are always there by their fields', () => {
    const pod = {
      metadata: { name: 'web' },
      spec: {
        containers: [
          {
            name: 'c',
            image: 'example/app:1',
            command: ['sleep', '1'],
            imagePullPolicy: 'IfNotPresent',
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
          },
        ],
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        dnsPolicy: 'ClusterFirst',
        automountServiceAccountToken: false,
        nodeName: 'n',
        securityContext: {},
      },
    };
    expect(fieldsOf(created('', 'Pod', pod))).toEqual({
      'f:spec': {
        'f:automountServiceAccountToken': {},
        'f:containers': {
          'k:{"name":"c"}': {
            '.': {},
            'f:command': {},
            'f:image': {},
            'f:imagePullPolicy': {},
            'f:name': {},
            'f:resources': {},
            'f:terminationMessagePath': {},
            'f:terminationMessagePolicy': {},
          },
        },
        'f:dnsPolicy': {},
        'f:nodeName': {},
        'f:restartPolicy': {},
        'f:securityContext': {},
        'f:terminationGracePeriodSeconds': {},
      },
    });
  });

  it('names finalizers by their value and references as a whole', () => {
    const event = {
      metadata: { name: 'e', finalizers: ['example.com/hold'] },
      involvedObject: { kind: 'Pod', name: 'web' },
      source: { component: 'edge' },
      count: 1,
    };
    expect(fieldsOf(created('', 'Event', event))).toEqual({
      'f:count': {},
      'f:involvedObject': {},
      'f:metadata': { 'f:finalizers': { '.': {}, 'v:"example.com/hold"': {} } },
      'f:source': { 'f:component': {} },
    });
  });

  it('keeps what is written through the status subresource apart', () => {
    const schema = builtinSchema('', 'Node')!;
    const node = toTyped({ metadata: { name: 'n', labels: { edge: '' } } }, schema) as JsonObject;
    const managedFields = trackUpdate(undefined, node, by('unknown'), schema);
    const before = { ...node, metadata: { ...objectAt(node, 'metadata'), managedFields } };
    const status = {
      ...objectAt(node, 'status'),
      capacity: { cpu: '4' },
      conditions: [{ type: 'Ready', status: 'True' }],
    };
    const after = toTyped({ ...before, status }, schema);
    expect(trackUpdate(before, after, { ...by('unknown'), subresource: 'status' }, schema)).toEqual(
      [
        managedFields[0],
        expect.objectContaining({
          subresource: 'status',
          fieldsV1: {
            'f:status': {
              'f:capacity': { '.': {}, 'f:cpu': {} },
              'f:conditions': {
                '.': {},
                'k:{"type":"Ready"}': {
                  '.': {},
                  'f:lastHeartbeatTime': {},
                  'f:lastTransitionTime': {},
                  'f:status': {},
                  'f:type': {},
                },
              },
            },
          },
        }),
      ],
    );
  });

  it('gives a custom resource to its creator, structs and all', () => {
    const schema = readSchema({
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
    });
    const widget = {
      apiVersion: 'g/v1',
      kind: 'W',
      metadata: { name: 'w', labels: { a: 'b' } },
      spec: { size: 3 },
    };
    expect(fieldsOf(trackUpdate(undefined, widget, by('unknown'), schema))).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': { '.': {}, 'f:size': {} },
    });
  });

  const schema = builtinSchema('', 'ConfigMap')!;
  const configMap = (data: JsonObject, managedFields: Json[] = []): JsonObject => ({
    kind: 'ConfigMap',
    metadata: { name: 'x', managedFields },
    data,
  });

  it('moves a field to whoever changed it last, and a removed one to nobody', () => {
    const first = trackUpdate(undefined, configMap({ a: '1', b: '1', c: '1' }), by('ann'), schema);
    const entries = trackUpdate(
      configMap({ a: '1', b: '1', c: '1' }, first),
      configMap({ a: '1', b: '2' }),
      by('bob', now + 1000),
      schema,
    );
    expect((entries as JsonObject[]).map(({ manager, fieldsV1 }) => [manager, fieldsV1])).toEqual([
      ['ann', { 'f:data': { '.': {}, 'f:a': {} } }],
      ['bob', { 'f:data': { 'f:b': {} } }],
    ]);
  });

  it('leaves everything as it was when nothing changed', () => {
    const first = trackUpdate(undefined, configMap({ a: '1' }), by('ann'), schema);
    const before = configMap({ a: '1' }, first);
    expect(trackUpdate(before, before, by('bob', now + 9000), schema)).toEqual(first);
  });

  it('never keeps more entries than there is room for', () => {
    let entries: Json[] = [];
    let data: JsonObject = {};
    for (let index = 0; index < maxUpdateManagers + 5; index++) {
      const before = index === 0 ? undefined : configMap(data, entries);
      data = { ...data, [`k${index}`]: 'v' };
      entries = trackUpdate(before, configMap(data), by(`m${index}`, now + index * 1000), schema);
    }
    expect(entries).toHaveLength(maxUpdateManagers);
    expect(entries.map((entry) => valueAt(entry, 'manager'))).toContain('ancient-changes');
    const all = entries.map((entry) => fromFieldsV1(valueAt(entry, 'fieldsV1'))).reduce(union);
    expect(pathsOf(all)).toHaveLength(maxUpdateManagers + 5 + 1);
  });
});

const pieces = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd/e'), fc.constantFrom('1', '2'));
const containers = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('x', 'y', 'z'), image: fc.constantFrom('i', 'j') }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 3 },
);
const pods = fc
  .record({ labels: pieces, containers, finalizers: fc.uniqueArray(fc.constantFrom('f/1', 'f/2')) })
  .map(({ labels, containers, finalizers }) =>
    toTyped({ metadata: { labels, finalizers }, spec: { containers } }, builtinSchema('', 'Pod')!),
  );

describe('ownership', () => {
  const schema = builtinSchema('', 'Pod')!;
  const tracked = (states: readonly Json[], managers: readonly string[]) => {
    let before: JsonObject | undefined;
    states.forEach((state, index) => {
      const manager = managers[index % managers.length] ?? 'm';
      const after = isObject(state) ? state : {};
      const managedFields = trackUpdate(before, after, by(manager, now + index), schema);
      before = { ...after, metadata: { ...objectAt(after, 'metadata'), managedFields } };
    });
    return before;
  };
  const setsOf = (object: Json | undefined) =>
    (valueAt(object, 'metadata', 'managedFields') as JsonObject[]).map((entry) =>
      fromFieldsV1(entry['fieldsV1']),
    );

  it('covers every field that was written, and no other, each by one updater', () => {
    const managers = fc.uniqueArray(fc.constantFrom('ann', 'bob', 'cy'), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(pods, { minLength: 1, maxLength: 6 }), managers, (states, names) => {
        const object = tracked(states, names);
        const sets = setsOf(object);
        const all = sets.reduce(union, fromFieldsV1({}));
        const { metadata, ...rest } = object!;
        const { managedFields: _, ...bare } = metadata as JsonObject;
        const present = compare(toTyped({}, schema), { ...rest, metadata: bare }, schema);
        const written = union(present.added, present.modified);
        expect(pathsOf(difference(written, all))).toEqual([]);
        const total = sets.reduce((sum, set) => sum + pathsOf(set).length, 0);
        expect(total).toBe(pathsOf(all).length);
      }),
    );
  });
});

describe('field sets', () => {
  const path = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"name":"c"}', 'v:"x"'), {
    minLength: 1,
    maxLength: 3,
  });
  const sets = fc.array(path, { maxLength: 6 }).map((paths) =>
    paths.reduce((set, steps) => {
      const single = steps.reduceRight<JsonObject>((below, step) => ({ [step]: below }), {});
      return union(set, fromFieldsV1(single));
    }, fromFieldsV1({})),
  );

  it('are written and read back the same', () => {
    fc.assert(
      fc.property(sets, (set) => {
        expect(fromFieldsV1(toFieldsV1(set))).toEqual(set);
      }),
    );
  });

  it('obey the laws of sets', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        expect(toFieldsV1(union(a, b))).toEqual(toFieldsV1(union(b, a)));
        expect(isEmptySet(difference(a, union(a, b)))).toBe(true);
        expect(toFieldsV1(union(difference(a, b), b))).toEqual(toFieldsV1(union(a, b)));
      }),
    );
  });

  it('are shown as people write paths', () => {
    const set = fromFieldsV1({
      'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { 'f:name': {} } } },
      'f:x': { 'v:"y"': {} },
    });
    expect(pathsOf(set)).toEqual(['.spec.ports[port=80,protocol="TCP"].name', '.x[="y"]']);
  });

  it('are read from anything', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => fromFieldsV1(value as Json)).not.toThrow();
      }),
    );
  });

  it('compare anything with anything, and find what differs', () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, json, (a, b) => {
        const { added, modified, removed } = compare({ spec: a }, { spec: b }, {});
        expect(isEmptySet(union(union(added, modified), removed))).toBe(sameJson(a, b));
        expect(() => compare({ spec: a }, { spec: b }, builtinSchema('', 'Pod'))).not.toThrow();
      }),
    );
  });
});
