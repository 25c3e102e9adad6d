import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Schema } from './schema.ts';

type Reader = (value: Json) => unknown;

const text: Reader = (value) => (typeof value === 'string' ? value : undefined);
const flag: Reader = (value) => (typeof value === 'boolean' ? value : undefined);
const number: Reader = (value) => (typeof value === 'number' ? value : undefined);
const list: Reader = (value) => (Array.isArray(value) ? value : undefined);
const anything: Reader = (value) => value;
const schema: Reader = (value) => (isObject(value) ? readSchema(value) : undefined);
const schemas: Reader = (value) =>
  Array.isArray(value) ? value.filter((item) => isObject(item)).map(readSchema) : undefined;
const schemaMap: Reader = (value) =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readSchema(item)]))
    : undefined;
const schemaOrFlag: Reader = (value) => (typeof value === 'boolean' ? value : schema(value));

const readers: ReadonlyMap<string, Reader> = new Map<keyof Schema, Reader>([
  ['type', text],
  ['format', text],
  ['title', text],
  ['description', text],
  ['default', anything],
  ['example', anything],
  ['nullable', flag],
  ['enum', list],
  ['minimum', number],
  ['maximum', number],
  ['exclusiveMinimum', flag],
  ['exclusiveMaximum', flag],
  ['multipleOf', number],
  ['minLength', number],
  ['maxLength', number],
  ['pattern', text],
  ['minItems', number],
  ['maxItems', number],
  ['uniqueItems', flag],
  ['minProperties', number],
  ['maxProperties', number],
  ['required', list],
  ['properties', schemaMap],
  ['additionalProperties', schemaOrFlag],
  ['items', schema],
  ['allOf', schemas],
  ['anyOf', schemas],
  ['oneOf', schemas],
  ['not', schema],
  ['x-kubernetes-int-or-string', flag],
  ['x-kubernetes-preserve-unknown-fields', flag],
  ['x-kubernetes-embedded-resource', flag],
  ['x-kubernetes-list-type', text],
  ['x-kubernetes-list-map-keys', list],
  ['x-kubernetes-map-type', text],
  ['x-kubernetes-validations', list],
]);

/** Reads a schema that a definition holds; what it does not know or has the wrong type is left out. */
export function readSchema(json: Json): Schema {
  const object: JsonObject = isObject(json) ? json : {};
  const entries = [...readers].flatMap(([key, read]) => {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    const known = value === undefined ? undefined : read(value);
    return known === undefined ? [] : [[key, known] as const];
  });
  return Object.fromEntries(entries);
}
