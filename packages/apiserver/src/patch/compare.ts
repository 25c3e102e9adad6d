import { sameJson, type Json } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import { fieldSet, noFields, type FieldSet } from './field-set.ts';
import { partsOf, type Part } from './parts.ts';

/** What became of an object's fields. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const leaf: FieldSet = { isMember: true, children: new Map() };
const same: Comparison = { added: noFields, modified: noFields, removed: noFields };

/** Compares two states of an object field by field, as finely as its schema lets fields be owned. */
export function compare(
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema | undefined,
): Comparison {
  if (after === undefined)
    return before === undefined ? same : { ...same, removed: all(before, schema) };
  if (before === undefined) return { ...same, added: all(after, schema) };
  if (sameJson(before, after)) return same;
  const [held, next] = [finerParts(before, schema), finerParts(after, schema)];
  if (!held || !next || held.size + next.size === 0) return { ...same, modified: leaf };
  const keys = new Set([...held.keys(), ...next.keys()]);
  const children = [...keys].map(
    (key) => [key, compareParts(held.get(key), next.get(key))] as const,
  );
  const collect = (what: keyof Comparison): FieldSet =>
    fieldSet(
      false,
      children.map(([key, child]) => [key, child[what]]),
    );
  return { added: collect('added'), modified: collect('modified'), removed: collect('removed') };
}

/** A value and every part of it. */
function all(value: Json, schema: Schema | undefined): FieldSet {
  const parts = partsOf(value, schema);
  if (!parts || parts.size === 0) return leaf;
  return fieldSet(
    true,
    [...parts].map(([key, part]) => [key, all(part.value, part.schema)] as const),
  );
}

function compareParts(held: Part | undefined, next: Part | undefined): Comparison {
  return compare(held?.value, next?.value, (next ?? held)?.schema);
}

/**
 * The parts of one side. What is missing or null has none and takes the form of the other side; when
 * neither side has any, even two empty maps, the value counts as a whole.
 */
function finerParts(
  value: Json,
  schema: Schema | undefined,
): ReadonlyMap<string, Part> | undefined {
  return value === null ? new Map() : partsOf(value, schema);
}

/**
 * The fields that an applied configuration names: leaves, elements and members of maps. Fields of
 * structs that lead to others are not named for themselves.
 */
export function fieldsIn(value: Json, schema: Schema | undefined): FieldSet {
  const parts = partsOf(value, schema);
  if (!parts) return leaf;
  return fieldSet(
    false,
    [...parts].map(([key, part]) => {
      const below = fieldsIn(part.value, part.schema);
      return [key, { ...below, isMember: below.isMember || isNamed(key, part, below, schema) }];
    }),
  );
}

function isNamed(key: string, part: Part, below: FieldSet, schema: Schema | undefined): boolean {
  const isStructField =
    key.startsWith('f:') && Object.hasOwn(schema?.properties ?? {}, key.slice(2));
  return !isStructField || (below.children.size === 0 && !Array.isArray(part.value));
}
