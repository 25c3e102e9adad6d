/** A parsed JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [field: string]: Json;
}

/** The fields of `metadata` that the server reads or writes; all others are kept as they are. */
export interface ObjectMeta extends JsonObject {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  finalizers?: string[];
}

/** Any Kubernetes object: raw JSON, of which only the envelope is known. */
export interface KubeObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own member `key` of an object; undefined for anything else, inherited members included. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The object at the end of `path`, or undefined when there is none. */
export function objectAt(parent: Json | undefined, ...path: string[]): JsonObject | undefined {
  const value = valueAt(parent, ...path);
  return isObject(value) ? value : undefined;
}

export function textAt(parent: Json | undefined, ...path: string[]): string | undefined {
  const value = valueAt(parent, ...path);
  return typeof value === 'string' ? value : undefined;
}

export function listAt(parent: Json | undefined, ...path: string[]): Json[] {
  const value = valueAt(parent, ...path);
  return Array.isArray(value) ? value : [];
}

export function valueAt(parent: Json | undefined, ...path: string[]): Json | undefined {
  let value = parent;
  for (const key of path) value = member(value, key);
  return value;
}

/** Deep equality. The order of an object's fields does not matter, the order of a list does. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  return isObject(a) && isObject(b) && sameFields(a, b);
}

function sameFields(a: JsonObject, b: JsonObject): boolean {
  const fields = Object.keys(a);
  return (
    fields.length === Object.keys(b).length &&
    fields.every((field) => Object.hasOwn(b, field) && sameJson(a[field], b[field]))
  );
}
