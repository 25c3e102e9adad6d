import { EdgeError } from '@skerry/shared/errors';
import { kubeTime } from '@skerry/shared/clock';
import { isObject, member, sameJson, valueAt, type Json, type JsonObject } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import { compare, fieldsIn } from './compare.ts';
import {
  childOf,
  difference,
  fieldSet,
  intersection,
  isEmptySet,
  pathsOf,
  union,
  type FieldSet,
} from './field-set.ts';
import { kubectl, lastAppliedFields, withLastApplied } from './last-applied.ts';
import { MalformedPatch } from './malformed-patch.ts';
import type { MergeSchema } from './merge-schema.ts';
import { afterChanges, nothingYet, wholeSchema } from './managed-fields.ts';
import {
  isSameManager,
  ownershipsOf,
  toManagedFields,
  type Manager,
  type Ownership,
} from './managers.ts';
import { partsOf } from './parts.ts';

/** A server-side apply. */
export interface ApplyBy {
  readonly manager: string;
  /** Takes over fields that others own. */
  readonly force: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly apiVersion: string;
  readonly subresource?: string | undefined;
}

/** A field that an apply would change and another manager owns. */
export interface FieldConflict {
  /** For example `"kubectl" using v1`. */
  readonly manager: string;
  /** For example `.data.a`. */
  readonly field: string;
}

/** The configuration would change what others own (409); `force` takes it over. */
export class ApplyConflict extends EdgeError {
  readonly code = 'api.apply-conflict';
  readonly disposition = 'reject';
  readonly conflicts: readonly FieldConflict[];

  constructor(conflicts: readonly FieldConflict[]) {
    super(conflictMessage(conflicts));
    this.conflicts = conflicts;
  }
}

/**
 * Merges what a client wants to own into an object: fields it names are set and owned, those it named
 * last time and no longer does are removed unless somebody else owns them. Answers with the object
 * and its `managedFields`; defaults are the caller's.
 *
 * `live` is undefined when there is no object yet. `applied` is the configuration as the client sent
 * it, without defaults and without what this path may not write. Throws {@link ApplyConflict}, and
 * {@link MalformedPatch} when the configuration has managed fields of its own.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export function serverSideApply(
  live: Json | undefined,
  applied: Json,
  by: ApplyBy,
  mergeSchema: MergeSchema,
): JsonObject {
  const schema = wholeSchema(mergeSchema);
  if (!isObject(applied)) throw new MalformedPatch('the configuration is no JSON object');
  if (valueAt(applied, 'metadata', 'managedFields') !== undefined)
    throw new MalformedPatch('metadata.managedFields must be nil');
  const before = live ?? nothingYet(schema);
  const manager = managerOf(by);
  const known = ownersBefore(live, manager, by.now, schema);
  const last = known.find((one) => isSameManager(one, manager));
  const others = known.filter((one) => one !== last);
  const fields = fieldsIn(applied, schema);
  const ownedNow = others.reduce((all, one) => union(all, one.fields), union(fields, envelope));
  const merged = merge(before, applied, schema);
  const after = last ? withoutAbandoned(merged, last.fields, ownedNow, schema) : merged;
  const changes = compare(before, after, schema);
  const changed = union(changes.added, changes.modified);
  if (!by.force) refuseConflicts(others, difference(changed, lastAppliedFields(live, by, schema)));
  const time = last && sameJson(before, after) ? last.time : kubeTime(by.now);
  const entries = [...afterChanges(others, changes), { ...manager, time, fields }];
  const owned = withManagedFields(after, toManagedFields(entries));
  return by.manager === kubectl ? withLastApplied(owned, applied) : owned;
}

/** Owns what was there before anybody said what they own. */
const beforeFirstApply = 'before-first-apply';

/** Nobody is recorded for an object that was written before owners were, or whose owners were struck out. */
function ownersBefore(
  live: Json | undefined,
  { apiVersion, subresource }: Manager,
  now: number,
  schema: Schema,
): Ownership[] {
  const known = ownershipsOf(live);
  if (known.length > 0 || live === undefined) return known;
  const all = compare(nothingYet(schema), live, schema).added;
  const everybody = { manager: beforeFirstApply, operation: 'Update', apiVersion } as const;
  return [{ ...everybody, subresource, time: kubeTime(now), fields: all }];
}

/** No applier can abandon an object's metadata as a whole. */
const envelope: FieldSet = fieldSet(false, [
  ['f:metadata', { isMember: true, children: new Map() }],
]);

function managerOf({ manager, apiVersion, subresource = '' }: ApplyBy): Manager {
  return { manager, operation: 'Apply', apiVersion, subresource };
}

function withManagedFields(object: Json, managedFields: Json[]): JsonObject {
  const base = isObject(object) ? object : {};
  const metadata = member(base, 'metadata');
  return { ...base, metadata: { ...(isObject(metadata) ? metadata : {}), managedFields } };
}

/** The applied value over the live one, as finely as fields are owned. */
function merge(live: Json | undefined, applied: Json, schema: Schema | undefined): Json {
  const [held, next] = [partsOf(live, schema), partsOf(applied, schema)];
  if (!held || !next || Array.isArray(live) !== Array.isArray(applied)) return applied;
  const mergedPart = (key: string): Json => {
    const [old, part] = [held.get(key), next.get(key)];
    if (!part) return old?.value ?? null;
    return old ? merge(old.value, part.value, part.schema) : part.value;
  };
  if (Array.isArray(applied)) return inOrder([...held.keys()], [...next.keys()]).map(mergedPart);
  const keys = new Set([...held.keys(), ...next.keys()]);
  return Object.fromEntries([...keys].map((key) => [key.slice(2), mergedPart(key)]));
}

/** Elements in the order applied; those that only the live list has stay in front of what they preceded. */
function inOrder(live: readonly string[], applied: readonly string[]): string[] {
  const positions = new Map(applied.map((key, index) => [key, index]));
  const order: string[] = [];
  let next = 0;
  for (const key of live) {
    const position = positions.get(key);
    if (position === undefined) order.push(key);
    else if (position >= next) {
      order.push(...applied.slice(next, position + 1));
      next = position + 1;
    }
  }
  return [...order, ...applied.slice(next)];
}

/** Removes what the applier owned last time and nobody owns now. */
function withoutAbandoned(
  value: Json,
  last: FieldSet,
  owned: FieldSet,
  schema: Schema | undefined,
): Json {
  const parts = partsOf(value, schema);
  if (!parts || last.children.size === 0) return value;
  const kept = [...parts].filter(
    ([key]) => isEmptySet(childOf(last, key)) || !isEmptySet(childOf(owned, key)),
  );
  const values = kept.map(([key, part]) => {
    const below = withoutAbandoned(
      part.value,
      childOf(last, key),
      childOf(owned, key),
      part.schema,
    );
    return [key.slice(2), below] as const;
  });
  return Array.isArray(value) ? values.map(([, below]) => below) : Object.fromEntries(values);
}

function refuseConflicts(others: readonly Ownership[], changed: FieldSet): void {
  const conflicts = others.flatMap((one) =>
    pathsOf(intersection(one.fields, changed)).map((field) => ({ manager: shown(one), field })),
  );
  if (conflicts.length > 0)
    throw new ApplyConflict(conflicts.sort((a, b) => compareText(a.manager, b.manager)));
}

function shown({ manager, operation, apiVersion, subresource }: Ownership): string {
  const quoted = JSON.stringify(manager);
  const name =
    subresource === '' ? quoted : `${quoted} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Apply' ? name : `${name} using ${apiVersion}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function conflictMessage(conflicts: readonly FieldConflict[]): string {
  const [first, ...more] = conflicts;
  if (first && more.length === 0)
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.field}`;
  const byManager = Map.groupBy(conflicts, ({ manager }) => manager);
  const lines = [...byManager].flatMap(([manager, fields]) => [
    `conflicts with ${manager}:`,
    ...fields.map(({ field }) => `- ${field}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}
