import type { Json, KubeObject } from '../json.ts';
import { trackUpdate } from '../patch/managed-fields.ts';
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

/** The object with these `managedFields` instead of its own. */
export function withOwners(object: KubeObject, owners: readonly Json[]): KubeObject {
  const { managedFields: _old, ...metadata } = object.metadata;
  if (owners.length === 0) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, managedFields: [...owners] } };
}
