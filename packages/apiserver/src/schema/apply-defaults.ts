import { isObject, type Json, type JsonObject } from '../json.ts';
import { memberSchema, type Schema } from './schema.ts';

/**
 * An object with the defaults of its schema where fields are missing, or null though they may not be.
 * Nulls that are neither allowed nor replaced by a default are left out.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
 */
export function applyDefaults(value: Json, schema: Schema): Json {
  const { items } = schema;
  if (Array.isArray(value)) return items ? value.map((item) => applyDefaults(item, items)) : value;
  return isObject(value) ? defaultedObject(value, schema) : value;
}

function defaultedObject(value: JsonObject, schema: Schema): JsonObject {
  const filled = new Map(Object.entries(value));
  for (const [key, { default: fallback, nullable }] of Object.entries(schema.properties ?? {})) {
    const held = filled.get(key);
    const isMissing = held === undefined || (held === null && nullable !== true);
    if (isMissing && fallback !== undefined) filled.set(key, structuredClone(fallback));
  }
  return Object.fromEntries(
    [...filled].flatMap(([key, item]): [string, Json][] => {
      const known = memberSchema(schema, key);
      if (!known) return [[key, item]];
      if (item !== null) return [[key, applyDefaults(item, known)]];
      return known.nullable === true ? [[key, item]] : [];
    }),
  );
}
