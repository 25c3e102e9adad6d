import { isObject, member, objectAt, textAt, type Json, type JsonObject } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import { compare, fieldsIn } from './compare.ts';
import { difference, noFields, union, type FieldSet } from './field-set.ts';

/** The manager that changes from applying by itself to letting the server apply. */
export const kubectl = 'kubectl';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The fields that `kubectl apply` has set by itself, and nobody has changed since: `kubectl apply
 * --server-side` takes them over without a conflict. None for another manager, or where the annotation
 * says nothing of this version.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
 */
export function lastAppliedFields(
  live: Json | undefined,
  { manager, apiVersion }: { readonly manager: string; readonly apiVersion: string },
  schema: Schema,
): FieldSet {
  const last = manager === kubectl && live !== undefined ? lastApplied(live) : undefined;
  if (!last || last['apiVersion'] !== apiVersion) return noFields;
  const { added, modified, removed } = compare(last, live, schema);
  return difference(fieldsIn(last, schema), union(union(added, modified), removed));
}

/** The annotation of an object that has one says what the server has applied, for whoever goes back. */
export function withLastApplied(object: JsonObject, applied: Json): JsonObject {
  if (lastApplied(object) === undefined || !isObject(applied)) return object;
  const metadata = objectAt(object, 'metadata') ?? {};
  const annotations = objectAt(metadata, 'annotations') ?? {};
  const text = `${JSON.stringify(inOrder(withoutAnnotation(applied)))}\n`;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...annotations, [annotation]: text } },
  };
}

function lastApplied(object: Json): JsonObject | undefined {
  try {
    const last = JSON.parse(textAt(object, 'metadata', 'annotations', annotation) ?? '') as Json;
    return isObject(last) ? last : undefined;
  } catch {
    return undefined; // written by hand, if at all
  }
}

function withoutAnnotation(applied: JsonObject): JsonObject {
  const annotations = objectAt(applied, 'metadata', 'annotations');
  if (member(annotations, annotation) === undefined) return applied;
  const { [annotation]: _own, ...others } = annotations ?? {};
  return { ...applied, metadata: { ...objectAt(applied, 'metadata'), annotations: others } };
}

/** Fields by name, as the annotation has them. */
function inOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([key, item]) => [key, inOrder(item)]));
}
