import { isObject, listAt, type Json, type KubeObject } from '../json.ts';
import { trackUpdate } from '../patch/managed-fields.ts';
import { isManagedFieldsEntry } from '../patch/managers.ts';
import { mergeSchemaFor, type MergeSchema } from '../patch/merge-schema.ts';
import { apiVersionOf, type Resource } from '../registry/resource.ts';
import type { Call, RestParts } from './call.ts';
import { writeOptions } from './options.ts';

/** Works out who owns which fields of an object that a write makes of another, or of nothing. */
export type Ownership = (before: KubeObject | undefined, after: KubeObject) => readonly Json[];

/**
 * Ownership after anything but an apply: what the write changed belongs to its manager.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function byUpdate({ clock }: Pick<RestParts, 'clock'>, call: Call): Ownership {
  const { resource, subresource } = call;
  const by = {
    manager: writeOptions(call).fieldManager,
    operation: 'Update' as const,
    apiVersion: apiVersionOf(resource),
    now: clock.now(),
    subresource: subresource?.name,
  };
  return (before, after) => trackUpdate(before, after, by, mergeSchemaOf(resource));
}

/** How the lists and maps of a kind are divided among owners. */
export function mergeSchemaOf({ custom, group, kind }: Resource): MergeSchema {
  return custom?.schema ?? mergeSchemaFor(group, kind) ?? {};
}

/**
 * The owners that a write starts from: those it names itself, as `kubectl` does when it hands fields over
 * to a server-side apply; none when it strikes them out with one empty entry; else those there were. A
 * subresource names none.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields
 */
export function ownersFrom(
  { subresource }: Call,
  before: KubeObject,
  proposed: KubeObject,
): Json[] {
  const held = listAt(before, 'metadata', 'managedFields');
  const named = listAt(proposed, 'metadata', 'managedFields');
  if (subresource || named.length === 0) return held;
  if (named.length === 1 && isObject(named[0]) && Object.keys(named[0]).length === 0) return [];
  return named.every(isManagedFieldsEntry) ? named : held;
}

/** The object with these `managedFields` instead of its own. */
export function withOwners(object: KubeObject, owners: readonly Json[]): KubeObject {
  const { managedFields: _old, ...metadata } = object.metadata;
  if (owners.length === 0) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, managedFields: [...owners] } };
}
