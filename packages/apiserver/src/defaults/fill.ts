import { isObject, listAt, objectAt, type Json, type JsonObject } from '../json.ts';

/** Sets the fields that are missing (or null), in place. */
export function fill(object: JsonObject, defaults: JsonObject): void {
  for (const [field, value] of Object.entries(defaults))
    object[field] ??= typeof value === 'object' ? structuredClone(value) : value;
}

/** The object at `field`, made where there is none. A value of another type is left to validation. */
export function ensureObject(parent: JsonObject, field: string): JsonObject {
  parent[field] ??= {};
  return objectAt(parent, field) ?? {};
}

/** The elements of the list at `field` that are objects. */
export function objectsAt(parent: Json | undefined, field: string): readonly JsonObject[] {
  return listAt(parent, field).filter(isObject);
}
