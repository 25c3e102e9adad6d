import { isObject, member, type Json } from '../json.ts';
import { memberSchema, type Schema } from '../schema/schema.ts';

/** A part of a value that may have an owner of its own. */
export interface Part {
  readonly value: Json;
  readonly schema: Schema | undefined;
}

/**
 * The parts of a value by path element: members of a map, elements of a set or of a list with keys.
 * Undefined when the value is owned as a whole: scalars, atomic maps and lists, and lists whose
 * elements cannot be told apart.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
export function partsOf(
  value: Json | undefined,
  schema: Schema | undefined,
): ReadonlyMap<string, Part> | undefined {
  if (Array.isArray(value)) return elementsOf(value, schema);
  if (!isObject(value) || schema?.['x-kubernetes-map-type'] === 'atomic') return undefined;
  return new Map(
    Object.entries(value).map(([key, item]) => [
      `f:${key}`,
      { value: item, schema: memberSchema(schema, key) },
    ]),
  );
}

function elementsOf(list: Json[], schema: Schema | undefined): Map<string, Part> | undefined {
  const name = elementNaming(schema);
  if (!name) return undefined;
  const parts = new Map<string, Part>();
  for (const value of list) {
    const key = name(value);
    if (key === undefined || parts.has(key)) return undefined;
    parts.set(key, { value, schema: schema?.items });
  }
  return parts;
}

function elementNaming(
  schema: Schema | undefined,
): ((item: Json) => string | undefined) | undefined {
  switch (schema?.['x-kubernetes-list-type']) {
    case 'set':
      return (item) => `v:${JSON.stringify(item)}`;
    case 'map':
      return (item) => keyedName(item, schema);
    default:
      return undefined;
  }
}

/** `k:` and the keys of an element in alphabetical order; undefined when it lacks one. */
function keyedName(item: Json, schema: Schema): string | undefined {
  const keys = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort();
  const entries = keys.map((key) => {
    const value = member(item, key) ?? memberSchema(schema.items, key)?.default;
    return [key, value] as const;
  });
  if (entries.some(([, value]) => value === undefined)) return undefined;
  return `k:${JSON.stringify(Object.fromEntries(entries))}`;
}
