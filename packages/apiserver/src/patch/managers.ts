import { isObject, listAt, textAt, valueAt, type Json, type JsonObject } from '../json.ts';
import {
  difference,
  fieldSet,
  fromFieldsV1,
  isEmptySet,
  toFieldsV1,
  union,
  type FieldSet,
} from './field-set.ts';

/** Who writes, and what that is known by in `managedFields`. */
export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** Group and version that the fields are named in. */
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

/** The fields that one manager owns. */
export interface Ownership extends Manager {
  /** When the entry last changed, RFC 3339; undefined in entries that never said. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** The entry this was read from, as long as it says the same. */
  readonly entry?: Json | undefined;
}

/** Reads `metadata.managedFields`. */
export function ownershipsOf(object: Json | undefined): Ownership[] {
  return listAt(object, 'metadata', 'managedFields').map((entry) => ({
    manager: textAt(entry, 'manager') ?? '',
    operation: textAt(entry, 'operation') === 'Apply' ? 'Apply' : 'Update',
    apiVersion: textAt(entry, 'apiVersion') ?? '',
    subresource: textAt(entry, 'subresource') ?? '',
    time: textAt(entry, 'time'),
    fields: fromFieldsV1(valueAt(entry, 'fieldsV1')),
    entry,
  }));
}

/** Whether somebody may have meant it as an entry of `metadata.managedFields`. */
export function isManagedFieldsEntry(entry: Json): boolean {
  const operation = textAt(entry, 'operation');
  return (
    (operation === 'Apply' || operation === 'Update') &&
    textAt(entry, 'fieldsType') === 'FieldsV1' &&
    isObject(valueAt(entry, 'fieldsV1'))
  );
}

/** The same manager without some of its fields. */
export function withoutFields(ownership: Ownership, lost: FieldSet): Ownership {
  const fields = difference(ownership.fields, lost);
  return fields === ownership.fields ? ownership : { ...ownership, fields, entry: undefined };
}

/** An applier is the same whatever version it applies in; an updater is one per version. */
export function isSameManager(a: Manager, b: Manager): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  );
}

/** Fields that are the server's, or name the object: nobody owns them. */
const unowned: FieldSet = unownedFields();

function unownedFields(): FieldSet {
  const leaf: FieldSet = { isMember: true, children: new Map() };
  const names = [
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ];
  const metadata = fieldSet(
    true,
    names.map((name) => [`f:${name}`, leaf]),
  );
  return fieldSet(false, [
    ['f:apiVersion', leaf],
    ['f:kind', leaf],
    ['f:metadata', metadata],
  ]);
}

/** More updaters than these share one entry, so that an object's metadata stays bounded. */
export const maxUpdateManagers = 10;
const ancient = 'ancient-changes';

/** Writes `metadata.managedFields`; entries that own nothing are left out. */
export function toManagedFields(ownerships: readonly Ownership[]): Json[] {
  const owning = ownerships
    .map((one) => withoutFields(one, unowned))
    .filter(({ fields }) => !isEmptySet(fields));
  return capped(owning)
    .sort(byAge)
    .map((one) => one.entry ?? toEntry(one));
}

function toEntry({
  manager,
  operation,
  apiVersion,
  time,
  fields,
  subresource,
}: Ownership): JsonObject {
  return {
    manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(fields),
    ...(subresource === '' ? {} : { subresource }),
  };
}

function byAge(a: Ownership, b: Ownership): number {
  const keys = ({
    operation,
    time = '',
    manager,
    apiVersion,
    subresource,
  }: Ownership): string[] => [operation, time, manager, apiVersion, subresource];
  const [left, right] = [keys(a), keys(b)];
  const index = left.findIndex((key, at) => key !== right[at]);
  if (index < 0) return 0;
  return (left[index] ?? '') < (right[index] ?? '') ? -1 : 1;
}

function capped(ownerships: readonly Ownership[]): Ownership[] {
  const updaters = ownerships.filter(({ operation }) => operation === 'Update').sort(byAge);
  const excess = updaters.length - maxUpdateManagers;
  if (excess <= 0) return [...ownerships];
  const old = updaters.slice(0, excess + 1);
  const merged = old.reduce<Ownership[]>((known, one) => absorb(known, one), []);
  return [...ownerships.filter((one) => !old.includes(one)), ...merged];
}

function absorb(known: Ownership[], one: Ownership): Ownership[] {
  const aged = { ...one, manager: ancient, subresource: '', entry: undefined };
  const held = known.find((other) => isSameManager(other, aged));
  if (!held) return [...known, aged];
  const fields = union(held.fields, aged.fields);
  return known.map((other) => (other === held ? { ...aged, fields } : other));
}
