import { isObject, textAt, type Json, type JsonObject } from '../json.ts';
import {
  duplicate,
  invalid,
  required,
  tooMany,
  typeInvalid,
  type FieldError,
} from '../validation/field-error.ts';
import { integerLimits } from './formats.ts';
import { memberSchema, type Schema } from './schema.ts';
import { validateEnum, validateNumber, validateString } from './validate-scalar.ts';

/**
 * Checks a value against a schema, in the words of the reference server. `path` is where the value
 * stands, empty for a whole object; the envelope of objects is not the schema's business.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
 */
export function validateSchema(value: Json, schema: Schema, path: string): FieldError[] {
  if (value === null && schema.nullable === true) return [];
  const errors = [...validateType(value, schema, path), ...validateEnum(value, schema, path)];
  if (typeof value === 'string') errors.push(...validateString(value, schema, path));
  if (typeof value === 'number') errors.push(...validateNumber(value, schema, path));
  if (Array.isArray(value)) errors.push(...validateList(value, schema, path));
  if (isObject(value)) errors.push(...validateMembers(value, schema, path));
  return [...errors, ...validateJunctors(value, schema, path)];
}

function validateType(value: Json, schema: Schema, path: string): FieldError[] {
  const wanted =
    schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : [schema.type];
  const found = typeOf(value);
  const fits = wanted.some(
    (type) => type === undefined || type === found || (type === 'number' && found === 'integer'),
  );
  if (fits) return validateRange(value, schema, path);
  const types = wanted.join(',');
  return [typeInvalid(path, found, `${path} in body must be of type ${types}: "${found}"`)];
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function validateRange(value: Json, { format = '' }: Schema, path: string): FieldError[] {
  const limit = integerLimits.get(format);
  if (typeof value !== 'number' || limit === undefined || Math.abs(value) <= limit) return [];
  return [invalid(path, value, `Checked value must be of type integer with format ${format}`)];
}

function validateList(list: Json[], schema: Schema, path: string): FieldError[] {
  const { items, minItems = 0, maxItems = Infinity } = schema;
  const errors = items
    ? list.flatMap((item, index) => validateSchema(item, items, `${path}[${index}]`))
    : [];
  if (list.length < minItems)
    errors.push(
      invalid(path, list.length, `${path} in body should have at least ${minItems} items`),
    );
  if (list.length > maxItems) errors.push(tooMany(path, list.length, maxItems));
  if (schema.uniqueItems && repeated(list.map((item) => JSON.stringify(item))).length > 0)
    errors.push(invalid(path, '', `${path} in body shouldn't contain duplicates`));
  return [...errors, ...validateListType(list, schema, path)];
}

/** Elements of sets and maps must differ, in the value or in the keys. */
function validateListType(list: Json[], schema: Schema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set')
    return repeated(list.map((item) => JSON.stringify(item))).map((index) =>
      duplicate(`${path}[${index}]`, list[index] ?? null),
    );
  if (type !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const ids = list.map((item) => keysIn(item, keys, schema.items));
  return repeated(ids.map((id) => JSON.stringify(id))).map((index) =>
    duplicate(`${path}[${index}]`, ids[index] ?? null),
  );
}

function keysIn(item: Json, keys: readonly string[], schema: Schema | undefined): JsonObject {
  return Object.fromEntries(
    keys.flatMap((key): [string, Json][] => {
      const value = isObject(item) && Object.hasOwn(item, key) ? item[key] : undefined;
      const known = value ?? memberSchema(schema, key)?.default;
      return known === undefined ? [] : [[key, known]];
    }),
  );
}

/** Positions of what was there before. */
function repeated(ids: readonly string[]): number[] {
  const seen = new Set<string>();
  return ids.flatMap((id, index) => {
    const isSeen = seen.has(id);
    seen.add(id);
    return isSeen ? [index] : [];
  });
}

function validateMembers(object: JsonObject, schema: Schema, path: string): FieldError[] {
  const { minProperties = 0, maxProperties = Infinity, required: needed = [] } = schema;
  const errors = needed
    .filter((key) => !Object.hasOwn(object, key))
    .map((key) => required(path === '' ? key : `${path}.${key}`));
  if (schema['x-kubernetes-embedded-resource']) errors.push(...validateEnvelope(object, path));
  const size = Object.keys(object).length;
  if (size < minProperties)
    errors.push(
      invalid(path, size, `${path} in body should have at least ${minProperties} properties`),
    );
  if (size > maxProperties) errors.push(tooMany(path, size, maxProperties));
  for (const [key, item] of Object.entries(object)) {
    const known = memberSchema(schema, key);
    if (known) errors.push(...validateSchema(item, known, path === '' ? key : `${path}.${key}`));
  }
  return errors;
}

/** An object inside another says what it is, as any object does. */
function validateEnvelope(object: JsonObject, path: string): FieldError[] {
  return ['apiVersion', 'kind']
    .filter((key) => (textAt(object, key) ?? '') === '')
    .map((key) => required(`${path}.${key}`, 'must not be empty'));
}

function validateJunctors(value: Json, schema: Schema, path: string): FieldError[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  const ofAll = allOf.map((branch) => validateSchema(value, branch, path));
  const errors = ofAll.flat();
  if (ofAll.some((branch) => branch.length > 0))
    errors.push(junctor(path, 'must validate all the schemas (allOf)'));
  return [
    ...errors,
    ...validateAny(value, anyOf, path),
    ...validateOne(value, oneOf, path),
    ...(not && validateSchema(value, not, path).length === 0
      ? [junctor(path, 'must not validate the schema (not)')]
      : []),
  ];
}

function validateAny(value: Json, branches: readonly Schema[], path: string): FieldError[] {
  const results = branches.map((branch) => validateSchema(value, branch, path));
  const [best = []] = results.toSorted((a, b) => a.length - b.length);
  return best.length === 0
    ? []
    : [junctor(path, 'must validate at least one schema (anyOf)'), ...best];
}

function validateOne(value: Json, branches: readonly Schema[], path: string): FieldError[] {
  const results = branches.map((branch) => validateSchema(value, branch, path));
  const valid = results.filter((errors) => errors.length === 0).length;
  if (branches.length === 0 || valid === 1) return [];
  const what = 'must validate one and only one schema (oneOf).';
  if (valid > 1) return [junctor(path, `${what} Found ${valid} valid alternatives`)];
  const [best = []] = results.toSorted((a, b) => a.length - b.length);
  return [junctor(path, `${what} Found none valid`), ...best];
}

/** The reference server blames no field here, and prints that as `<nil>`. */
function junctor(path: string, rule: string): FieldError {
  return invalid('<nil>', '', `${JSON.stringify(path)} ${rule}`);
}
