import { kubeTime } from '@skerry/shared/clock';
import type { Json } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import { withEnvelope } from '../schema/prune.ts';
import { toTyped } from '../schema/typed.ts';
import { compare, type Comparison } from './compare.ts';
import { isEmptySet, union } from './field-set.ts';
import type { MergeSchema } from './merge-schema.ts';
import {
  isSameManager,
  ownershipsOf,
  toManagedFields,
  withoutFields,
  type Manager,
  type Ownership,
} from './managers.ts';

/** A write that is no apply. */
export interface UpdateBy {
  readonly manager: string;
  readonly operation: 'Update';
  readonly apiVersion: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly subresource?: string | undefined;
}

/**
 * The `metadata.managedFields` of an object after an update: what the update added or changed moves
 * to its manager, what it removed is nobody's. `before` carries the entries so far; undefined means
 * that the object is new. One that is there and has none keeps none. `schema` says which lists have elements with owners of their own.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
 */
export function trackUpdate(
  before: Json | undefined,
  after: Json,
  by: UpdateBy,
  mergeSchema: MergeSchema,
): Json[] {
  const known = ownershipsOf(before);
  if (before !== undefined && known.length === 0) return [];
  const schema = wholeSchema(mergeSchema);
  const changes = compare(before ?? nothingYet(schema), after, schema);
  const taken = union(changes.added, changes.modified);
  const others = afterChanges(known, changes);
  if (isEmptySet(taken)) return toManagedFields(others);
  const manager: Manager = { ...by, subresource: by.subresource ?? '' };
  const held = others.find((one) => isSameManager(one, manager));
  const entry: Ownership = {
    ...manager,
    time: kubeTime(by.now),
    fields: held ? union(held.fields, taken) : taken,
  };
  return toManagedFields([...others.filter((one) => one !== held), entry]);
}

/**
 * An object before anything was written to it. Structs that are always there have no owner, so those
 * of built-in kinds are there already.
 */
export function nothingYet(schema: Schema): Json {
  return schema.definition === undefined ? {} : toTyped({}, schema);
}

/** The schema of a whole object: that of a custom resource leaves its metadata out. */
export function wholeSchema(schema: MergeSchema): Schema {
  return schema.definition === undefined ? withEnvelope(schema) : schema;
}

/** Ownership after changes by somebody else: changed fields are no longer owned by these. */
export function afterChanges(ownerships: readonly Ownership[], changes: Comparison): Ownership[] {
  const lost = union(union(changes.added, changes.modified), changes.removed);
  return ownerships.map((one) => withoutFields(one, lost));
}
