import { isObject, member, type Json, type JsonObject } from '../json.ts';
import { memberSchema, type Schema } from '../schema/schema.ts';
import { MalformedPatch } from './malformed-patch.ts';
import type { MergeSchema } from './merge-schema.ts';
import { mergeList, reorder, type ListMerge } from './strategic-list.ts';

/**
 * Applies a strategic merge patch: like a JSON merge patch, but lists whose schema has the patch
 * strategy `merge` merge element by element, matched by merge key, and directives (`$patch`,
 * `$retainKeys`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…`) say the rest.
 *
 * Throws {@link MalformedPatch} when a directive is wrong or an element lacks its merge key.
 *
 * @see https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function strategicMerge(target: Json, patch: Json, schema: MergeSchema): Json {
  if (!isObject(patch)) throw new MalformedPatch('the patch is no JSON object');
  return mergeObject(isObject(target) ? target : {}, patch, schema);
}

const orderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

function mergeObject(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  const directive = member(patch, '$patch');
  if (directive === 'replace') return cleaned(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw unknownDirective(directive, patch);
  const merged = new Map(Object.entries(retained(target, patch)));
  for (const [field, change] of changesOf(patch))
    mergeField(merged, field, change, memberSchema(schema, field));
  return Object.fromEntries(merged);
}

/** Everything a patch says of one field. */
interface FieldChange {
  value?: Json;
  order?: Json;
  deleted?: Json;
}

function changesOf(patch: JsonObject): Map<string, FieldChange> {
  const changes = new Map<string, FieldChange>();
  const changeOf = (field: string): FieldChange => {
    const change = changes.get(field) ?? {};
    changes.set(field, change);
    return change;
  };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(orderPrefix)) changeOf(key.slice(orderPrefix.length)).order = value;
    else if (key.startsWith(deletePrefix)) changeOf(key.slice(deletePrefix.length)).deleted = value;
    else if (key !== '$patch' && key !== '$retainKeys') changeOf(key).value = value;
  }
  return changes;
}

function mergeField(
  merged: Map<string, Json>,
  field: string,
  change: FieldChange,
  schema: Schema | undefined,
): void {
  const before = merged.get(field);
  if (change.value === null) merged.delete(field);
  else if (change.value !== undefined) merged.set(field, mergeValue(before, change.value, schema));
  if (change.deleted !== undefined) deleteScalars(merged, field, change.deleted);
  if (change.order !== undefined) enforceOrder(merged, field, before, change, schema);
}

function mergeValue(before: Json | undefined, value: Json, schema: Schema | undefined): Json {
  const strategies = schema?.['x-kubernetes-patch-strategy']?.split(',') ?? [];
  if (isObject(before) && isObject(value))
    return strategies.includes('replace') ? cleaned(value) : mergeObject(before, value, schema);
  if (Array.isArray(before) && Array.isArray(value) && strategies.includes('merge'))
    return mergeList(before, value, listMerge(schema));
  return cleaned(value);
}

function listMerge(schema: Schema | undefined): ListMerge {
  return {
    key: schema?.['x-kubernetes-patch-merge-key'],
    merge: (element, change) => mergeObject(element, change, schema?.items),
    add: (element) => cleaned(element),
  };
}

function deleteScalars(merged: Map<string, Json>, field: string, deleted: Json): void {
  if (!Array.isArray(deleted))
    throw new MalformedPatch(`invalid patch format of primitive list: ${deletePrefix}${field}`);
  const held = merged.get(field);
  if (Array.isArray(held))
    merged.set(
      field,
      held.filter((item) => !deleted.includes(item)),
    );
}

function enforceOrder(
  merged: Map<string, Json>,
  field: string,
  before: Json | undefined,
  { order, value }: FieldChange,
  schema: Schema | undefined,
): void {
  if (!Array.isArray(order))
    throw new MalformedPatch(`invalid patch format of setElementOrder list: ${field}`);
  const held = merged.get(field);
  if (!Array.isArray(held)) return;
  const key = schema?.['x-kubernetes-patch-merge-key'];
  const live = Array.isArray(before) ? before : [];
  const patched = Array.isArray(value) ? value : [];
  merged.set(field, reorder(held, { wanted: order, patched, live, key }));
}

/** Obeys `$retainKeys`: the target without the members that the directive does not name. */
function retained(target: JsonObject, patch: JsonObject): JsonObject {
  const keys = member(patch, '$retainKeys');
  if (keys === undefined) return target;
  const fits = (list: Json[]): boolean =>
    Object.keys(patch).every((key) => key.startsWith('$') || list.includes(key));
  if (!Array.isArray(keys) || !fits(keys))
    throw new MalformedPatch('invalid patch format of retainKeys');
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

/** What a value that is new to the object becomes: no directives, no nulls. */
function cleaned<T extends Json>(value: T): T;
function cleaned(value: Json): Json {
  if (Array.isArray(value))
    return value.filter((item) => !isDeletion(item)).map((item) => cleaned(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !isDirective(key) && item !== null)
      .map(([key, item]) => [key, cleaned(item)]),
  );
}

function isDirective(key: string): boolean {
  return (
    key === '$patch' ||
    key === '$retainKeys' ||
    key.startsWith(orderPrefix) ||
    key.startsWith(deletePrefix)
  );
}

function isDeletion(item: Json): boolean {
  return member(item, '$patch') === 'delete';
}

function unknownDirective(directive: Json, patch: JsonObject): MalformedPatch {
  return new MalformedPatch(
    `unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(patch)}`,
  );
}
