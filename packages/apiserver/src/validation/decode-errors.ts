import { parseQuantity, quantityAdvice } from '@skerry/shared/kube/quantity';
import { isObject, type Json } from '../json.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { isBase64, isDateTime } from '../schema/formats.ts';
import { memberSchema, type Schema } from '../schema/schema.ts';

/**
 * Why an object of a built-in kind cannot be decoded: values of the wrong type, in the words of the
 * reference server, the first of which it would answer with (400). Objects of other kinds have none:
 * their schema is checked by validation.
 */
export function decodeErrors(group: string, kind: string, object: Json): string[] {
  const schema = builtinSchema(group, kind);
  const found: string[] = [];
  if (schema) findErrors(object, schema, { struct: kind, path: '' }, found);
  return found;
}

/** Where a value stands, as Go's decoder names it: the struct around it and the path without indexes. */
interface Place {
  readonly struct: string;
  readonly path: string;
}

function findErrors(value: Json, schema: Schema, place: Place, found: string[]): void {
  if (value === null || schema['x-kubernetes-preserve-unknown-fields']) return;
  if (schema.type === 'array') findInList(value, schema, place, found);
  else if (schema.type === 'object') findInObject(value, schema, place, found);
  else {
    const error = scalarError(value, schema, place);
    if (error !== undefined) found.push(error);
  }
}

function findInList(value: Json, schema: Schema, place: Place, found: string[]): void {
  const { items } = schema;
  if (!Array.isArray(value)) found.push(wrongType(value, goType(schema), place));
  else if (items) for (const item of value) findErrors(item, items, place, found);
}

function findInObject(value: Json, schema: Schema, place: Place, found: string[]): void {
  if (!isObject(value)) {
    found.push(wrongType(value, goType(schema), place));
    return;
  }
  const struct = schema.definition?.split('.').at(-1) ?? place.struct;
  for (const key of Object.keys(value)) {
    const known = memberSchema(schema, key);
    // The decoder names a map's values by the map.
    const path = schema.properties ? within(place.path, key) : place.path;
    if (known) findErrors(value[key] ?? null, known, { struct, path }, found);
  }
}

function scalarError(value: Json, schema: Schema, place: Place): string | undefined {
  if (schema['x-kubernetes-int-or-string'])
    return typeof value === 'string' || typeof value === 'number'
      ? undefined
      : wrongType(value, 'intstr.IntOrString', place);
  return schema.type === 'string'
    ? stringError(value, schema, place)
    : numberError(value, schema, place);
}

function stringError(value: Json, { format }: Schema, place: Place): string | undefined {
  if (format === 'quantity') return quantityError(value);
  if (typeof value !== 'string')
    return wrongType(value, format === 'byte' ? '[]uint8' : 'string', place);
  if (format === 'byte')
    return isBase64(value) ? undefined : `illegal base64 data at input byte ${badByte(value)}`;
  return format?.startsWith('date-time') && !isDateTime(value) ? badTime(value, format) : undefined;
}

function quantityError(value: Json): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  const fits = typeof text === 'string' && (text === '' || parseQuantity(text) !== undefined);
  return fits ? undefined : quantityAdvice;
}

function badByte(value: string): number {
  const index = value.search(/[^A-Za-z0-9+/=\r\n]/);
  return index < 0 ? value.length - (value.length % 4) : index;
}

function badTime(value: string, format: string): string {
  const layout =
    format === 'date-time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
  const quoted = JSON.stringify(value);
  return `parsing time ${quoted} as "${layout}": cannot parse ${quoted} as "2006"`;
}

function numberError(value: Json, { type, format = '' }: Schema, place: Place): string | undefined {
  if (type === 'boolean')
    return typeof value === 'boolean' ? undefined : wrongType(value, 'bool', place);
  const name = type === 'integer' ? format : 'float64';
  if (typeof value !== 'number') return wrongType(value, name, place);
  const fits = type !== 'integer' || isInRange(value, format);
  return fits ? undefined : cannot(`number ${value}`, name, place);
}

function isInRange(value: number, format: string): boolean {
  const limit = format === 'int32' ? 2 ** 31 : 2 ** 63;
  return Number.isInteger(value) && value >= -limit && value < limit;
}

function wrongType(value: Json, type: string, place: Place): string {
  return cannot(jsonType(value), type, place);
}

function cannot(what: string, type: string, { struct, path }: Place): string {
  const target = path === '' ? 'value' : `struct field ${struct}.${path}`;
  return `json: cannot unmarshal ${what} into Go ${target} of type ${type}`;
}

function jsonType(value: Json): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** The type as Go names it: `v1.PodSpec`, `[]v1.Container`, `map[string]string`. */
function goType({ type, format, items, definition, ...schema }: Schema): string {
  if (definition !== undefined) return definition.split('.').slice(-2).join('.');
  if (type === 'array') return `[]${goType(items ?? {})}`;
  const { additionalProperties: values } = schema;
  if (typeof values === 'object') return `map[string]${goType(values)}`;
  if (format === 'byte') return '[]uint8';
  return type === 'integer' ? (format ?? 'int64') : (type ?? 'interface {}');
}

function within(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
