import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { widgetSchema } from '../testing/widget-schema.ts';
import { applyDefaults } from './apply-defaults.ts';
import { prune } from './prune.ts';
import { structuralSchema } from './structural.ts';
import { validateSchema } from './validate-schema.ts';

describe('structuralSchema', () => {
  const errorsOf = (json: Json): string[] =>
    structuralSchema(json, 's').errors.map(({ field, message }) => `${field}: ${message}`);
  const root = (fields: JsonObject): Json => ({ type: 'object', ...fields });

  it('takes a structural schema', () => {
    expect(errorsOf(widgetSchema)).toEqual([]);
    expect(structuralSchema(widgetSchema, 's').schema).toEqual(widgetSchema);
  });

  it.each<[Json, string]>([
    [{}, 's.type: Required value: must not be empty at the root'],
    [{ type: 'string' }, 's.type: Invalid value: "string": must be object at the root'],
    [
      root({ properties: { spec: {} } }),
      's.properties[spec].type: Required value: must not be empty for specified object fields',
    ],
    [
      root({ properties: { a: { type: 'array', items: {} } } }),
      's.properties[a].items.type: Required value: must not be empty for specified array items',
    ],
    [
      root({ properties: { a: { type: 'array' } } }),
      's.properties[a].items: Required value: must be specified',
    ],
    [
      root({ properties: { a: { type: 'array', items: [] } } }),
      's.properties[a].items: Forbidden: items must be a schema object and not an array',
    ],
    [
      root({ properties: { a: { type: 'thing' } } }),
      's.properties[a].type: Invalid value: "thing": must be one of "array", "boolean", "integer", "number", "object", "string"',
    ],
    [
      root({ properties: {}, additionalProperties: { type: 'string' } }),
      's.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
    [
      root({ anyOf: [{ type: 'object' }] }),
      's.anyOf[0].type: Forbidden: must be empty to be structural',
    ],
    [
      root({ not: { properties: { a: { default: 1 } } } }),
      's.not.properties[a].default: Forbidden: must be empty to be structural',
    ],
    [root({ $ref: '#' }), 's.$ref: Forbidden: $ref is not supported'],
    [
      root({
        properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
      }),
      's.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
    [
      root({
        properties: {
          a: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' },
        },
      }),
      's.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map',
    ],
  ])('refuses %j', (json, sentence) => {
    expect(errorsOf(json)).toContain(sentence);
  });

  it('never throws, whatever it is given', () => {
    const keys = fc.constantFrom(
      'type',
      'properties',
      'items',
      'allOf',
      'not',
      'required',
      'enum',
      'default',
      'pattern',
      'x-kubernetes-list-map-keys',
      'additionalProperties',
    );
    const hostile = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>,
        fc.dictionary(keys, tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(hostile, hostile, (json, value) => {
        const read = structuralSchema(json, 's');
        expect(
          validateSchema(applyDefaults(prune(value, read.schema), read.schema), read.schema, ''),
        ).toBeInstanceOf(Array);
      }),
    );
  });
});
