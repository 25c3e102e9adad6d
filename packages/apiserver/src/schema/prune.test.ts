import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { widgetSchema } from '../testing/widget-schema.ts';
import { builtinSchema } from './builtin-schema.ts';
import { prune, strictDecodingError, unknownFields } from './prune.ts';
import { readSchema } from './read-schema.ts';

const schema = readSchema(widgetSchema);

describe('prune', () => {
  it('drops what the schema does not know and keeps the envelope', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'W',
      metadata: { name: 'w', labels: { a: 'b' }, bogus: 1 },
      spec: { size: 3, bogus: true, any: { kept: 1 }, tags: ['a'] },
      extra: 1,
    };
    expect(prune(object, schema)).toEqual({
      apiVersion: 'v1',
      kind: 'W',
      metadata: { name: 'w', labels: { a: 'b' } },
      spec: { size: 3, any: { kept: 1 }, tags: ['a'] },
    });
  });

  it('keeps the envelope of embedded objects', () => {
    const node = readSchema({
      type: 'object',
      properties: {
        inner: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: {} },
      },
    });
    const inner = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: {} };
    expect(prune({ inner }, node)).toEqual({
      inner: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } },
    });
  });

  it('leaves nothing unknown, and names before what it drops', () => {
    const keys = fc.constantFrom(
      'spec',
      'status',
      'size',
      'color',
      'tags',
      'any',
      'bogus',
      'phase',
    );
    const object = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(keys, tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(object, (value) => {
        const pruned = prune(value, schema);
        expect(unknownFields(pruned, schema)).toEqual([]);
        if (unknownFields(value, schema).length === 0) expect(pruned).toEqual(value);
      }),
    );
  });
});

describe('unknownFields', () => {
  it('names fields of custom resources', () => {
    const paths = unknownFields({ metadata: {}, spec: { size: 1, bogus: true } }, schema);
    expect(paths).toEqual(['spec.bogus']);
    expect(strictDecodingError(paths)).toBe('strict decoding error: unknown field "spec.bogus"');
  });

  it('names fields of built-in kinds', () => {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, datum: {} };
    expect(unknownFields(configMap, builtinSchema('', 'ConfigMap')!)).toEqual(['datum']);
    const pod = {
      metadata: { labels: { anything: 'goes' } },
      spec: { containers: [{ name: 'a' }, { nmae: 'b', resources: { limits: { cpu: '1' } } }] },
    };
    expect(unknownFields(pod, builtinSchema('', 'Pod')!)).toEqual(['spec.containers[1].nmae']);
  });

  it('walks a schema that contains itself', () => {
    const definition = {
      spec: {
        versions: [
          { schema: { openAPIV3Schema: { properties: { a: { tpye: 'x', items: { b: 1 } } } } } },
        ],
      },
    };
    const node = builtinSchema('apiextensions.k8s.io', 'CustomResourceDefinition')!;
    expect(unknownFields(definition, node)).toEqual([
      'spec.versions[0].schema.openAPIV3Schema.properties.a.tpye',
    ]);
  });
});
