import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { widgetSchema } from '../testing/widget-schema.ts';
import { readSchema } from './read-schema.ts';
import type { Schema } from './schema.ts';
import { validateSchema } from './validate-schema.ts';

const schema = readSchema(widgetSchema);

function sentences(value: Json, node: Schema, path = ''): string[] {
  return validateSchema(value, node, path).map(({ field, message }) => `${field}: ${message}`);
}

describe('validateSchema', () => {
  it.each<[Json, string[]]>([
    [{ size: 1, port: 'http' }, []],
    [{ size: 1, port: 80 }, []],
    [{}, ['spec.size: Required value']],
    [
      { size: 11 },
      ['spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10'],
    ],
    [
      { size: 0 },
      ['spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1'],
    ],
    [
      { size: 'three' },
      ['spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"'],
    ],
    [
      { size: 1.5 },
      ['spec.size: Invalid value: "number": spec.size in body must be of type integer: "number"'],
    ],
    [
      { size: null },
      ['spec.size: Invalid value: "null": spec.size in body must be of type integer: "null"'],
    ],
    [
      { size: 1, color: 'blue' },
      ['spec.color: Unsupported value: "blue": supported values: "red", "green"'],
    ],
    [
      { size: 1, port: true },
      [
        'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
      ],
    ],
    [
      { size: 1, tags: ['A', 'b', 'c', 'd'] },
      [
        'spec.tags[0]: Invalid value: "A": spec.tags[0] in body should match \'^[a-z]+$\'',
        'spec.tags: Too many: 4: must have at most 3 items',
      ],
    ],
  ])('says of the spec %j what the reference server says', (spec, expected) => {
    expect(sentences({ apiVersion: 'v1', kind: 'W', spec }, schema)).toEqual(expected);
  });

  it.each<[Schema, Json, string]>([
    [{ type: 'string', maxLength: 2 }, 'abc', 'x: Too long: may not be more than 2 bytes'],
    [
      { type: 'string', minLength: 1 },
      '',
      'x: Invalid value: "": x in body should be at least 1 chars long',
    ],
    [
      { type: 'string', format: 'date-time' },
      'soon',
      'x: Invalid value: "soon": x in body must be of type date-time: "soon"',
    ],
    [
      { type: 'number', exclusiveMaximum: true, maximum: 1 },
      1,
      'x: Invalid value: 1: x in body should be less than 1',
    ],
    [
      { type: 'number', multipleOf: 0.1 },
      0.25,
      'x: Invalid value: 0.25: x in body should be a multiple of 0.1',
    ],
    [
      { type: 'array', minItems: 1 },
      [],
      'x: Invalid value: 0: x in body should have at least 1 items',
    ],
    [{ type: 'array', 'x-kubernetes-list-type': 'set' }, ['a', 'a'], 'x[1]: Duplicate value: "a"'],
    [
      { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] },
      [
        { k: 1, v: 1 },
        { k: 1, v: 2 },
      ],
      'x[1]: Duplicate value: {"k":1}',
    ],
    [
      { type: 'object', minProperties: 1 },
      {},
      'x: Invalid value: 0: x in body should have at least 1 properties',
    ],
    [{ type: 'object', maxProperties: 0 }, { a: 1 }, 'x: Too many: 1: must have at most 0 items'],
    [
      { type: 'object', additionalProperties: { type: 'string' } },
      { a: 1 },
      'x.a: Invalid value: "integer": x.a in body must be of type string: "integer"',
    ],
    [
      { type: 'object', 'x-kubernetes-embedded-resource': true },
      { kind: 'A' },
      'x.apiVersion: Required value: must not be empty',
    ],
    [
      { anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      {},
      '<nil>: Invalid value: "": "x" must validate at least one schema (anyOf)',
    ],
    [
      { oneOf: [{ type: 'object' }, { type: 'object' }] },
      {},
      '<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
    [
      { oneOf: [{ required: ['a'] }] },
      {},
      '<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found none valid',
    ],
    [
      { allOf: [{ required: ['a'] }] },
      {},
      '<nil>: Invalid value: "": "x" must validate all the schemas (allOf)',
    ],
    [
      { not: { type: 'object' } },
      {},
      '<nil>: Invalid value: "": "x" must not validate the schema (not)',
    ],
    [
      { type: 'integer', format: 'int32' },
      2 ** 40,
      'x: Invalid value: 1099511627776: Checked value must be of type integer with format int32',
    ],
  ])('holds %j against %j', (node, value, sentence) => {
    expect(sentences(value, node, 'x')).toContain(sentence);
  });

  it.each<[Schema, Json]>([
    [{ type: 'string', nullable: true, enum: ['a'] }, null],
    [{ type: 'number' }, 1],
    [{ type: 'number', multipleOf: 0.1 }, 0.3],
    [{ type: 'string', maxLength: 1 }, '😀'],
    [{ type: 'string', pattern: '(?i)^abc$' }, 'ABC'],
    [{ type: 'string', pattern: '(?P<n>x)' }, 'x'],
    [{ type: 'string', format: 'anything' }, 'x'],
    [
      { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] },
      [{ k: 1 }, { k: 2 }],
    ],
  ])('lets %j pass %j', (node, value) => {
    expect(sentences(value, node, 'x')).toEqual([]);
  });

  it.each([
    ['date', '2026-02-29', '2024-02-29'],
    ['byte', 'abc', 'YWJj'],
    ['ipv4', '1.2.3', '1.2.3.4'],
    ['ipv6', '::g', '::1'],
    ['cidr', '10.0.0.0/33', '10.0.0.0/8'],
    ['mac', '00:11', '00:11:22:33:44:55'],
    ['uuid', 'x', '6a87af47-328b-4dc4-be83-7dbf7046ff85'],
    ['email', 'a', 'a@b.c'],
    ['hostname', '-', 'example.com'],
    ['duration', '5', '1h30m'],
    ['uri', 'not a uri', 'https://example.com'],
  ])('knows the format %s', (format, bad, good) => {
    expect(sentences(good, { type: 'string', format }, 'x')).toEqual([]);
    expect(sentences(bad, { type: 'string', format }, 'x')).toHaveLength(1);
  });
});
