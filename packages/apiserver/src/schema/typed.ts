import { canonicalQuantity } from '@skerry/shared/kube/quantity';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Schema } from './schema.ts';

/**
 * An object of a built-in kind as a server with typed structs gives it back: fields it does not know
 * and empty ones are left out, those that are always written are there, quantities and times have
 * their canonical form. Values of a wrong type stay as they are: check with `decodeErrors` before.
 */
export function toTyped(object: Json, schema: Schema): Json {
  if (Array.isArray(object)) return typedList(object, schema);
  if (isObject(object)) return typedObject(object, schema);
  return typedScalar(object, schema);
}

function typedList(list: Json[], { items }: Schema): Json[] {
  return items ? list.map((item) => toTyped(item ?? zeroOf(items), items)) : list;
}

function typedObject(object: JsonObject, schema: Schema): JsonObject {
  if (schema.properties) return typedStruct(object, schema.properties, schema.alwaysPrinted ?? []);
  const { additionalProperties: values } = schema;
  if (typeof values !== 'object') return object;
  return Object.fromEntries(
    Object.entries(object).map(([key, item]) => [key, toTyped(item ?? zeroOf(values), values)]),
  );
}

// Every write of every object comes through here: loops, and no lists of what is not there.
function typedStruct(
  object: JsonObject,
  properties: Readonly<Record<string, Schema>>,
  alwaysPrinted: readonly string[],
): JsonObject {
  const typed: JsonObject = {};
  for (const key of Object.keys(object)) {
    const [value, schema] = [object[key], propertyOf(properties, key)];
    if (schema === undefined || value === undefined || value === null) continue;
    const written = toTyped(value, schema);
    if (schema.whenEmpty !== 'omit' || !isEmpty(written)) typed[key] = written;
  }
  for (const key of alwaysPrinted) {
    const schema = propertyOf(properties, key);
    if (schema && typed[key] === undefined) typed[key] = toTyped(zeroOf(schema), schema);
  }
  return typed;
}

function propertyOf(properties: Readonly<Record<string, Schema>>, key: string): Schema | undefined {
  return Object.hasOwn(properties, key) ? properties[key] : undefined;
}

/** What a field holds that nobody has written to. */
function zeroOf(schema: Schema): Json {
  const { type, format } = schema;
  if (schema.properties) return {};
  if (schema['x-kubernetes-int-or-string']) return 0;
  if (format === 'quantity') return '0';
  if (type === 'string') return format?.startsWith('date-time') ? null : '';
  if (type === 'integer' || type === 'number') return 0;
  return type === 'boolean' ? false : null;
}

function isEmpty(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}

function typedScalar(value: Json, { format }: Schema): Json {
  switch (format) {
    case 'quantity':
      return canonical(value);
    case 'date-time':
      return instant(value, 0);
    case 'date-time-micro':
      return instant(value, 6);
    default:
      return value;
  }
}

/** A quantity may be written as a number. */
function canonical(value: Json): Json {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  return canonicalQuantity(String(value)) ?? value;
}

/** What most times look like already. */
const wholeSeconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** A time in UTC with so many digits of a second; what is no time stays as it is. */
function instant(value: Json, digits: number): Json {
  if (typeof value !== 'string' || (digits === 0 && wholeSeconds.test(value))) return value;
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) return value;
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  const seconds = new Date(ms).toISOString().slice(0, 19);
  return `${seconds}${digits === 0 ? '' : `.${fraction.padEnd(digits, '0').slice(0, digits)}`}Z`;
}
