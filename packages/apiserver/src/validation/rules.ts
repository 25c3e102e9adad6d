import { listAt, textAt, valueAt, type Json } from '../json.ts';
import {
  complaints,
  duplicate,
  invalid,
  notSupported,
  required,
  type FieldError,
} from './field-error.ts';
import type { NameRule } from './names.ts';

/** Checks one value that stands at `path`. */
export type Check = (value: Json, path: string) => FieldError[];

/** Checks each element of the list `field` of `parent`. */
export function each(
  parent: Json | undefined,
  path: string,
  field: string,
  check: Check,
): FieldError[] {
  return listAt(parent, field).flatMap((item, index) => check(item, `${path}.${field}[${index}]`));
}

/** Checks the member `field` of `parent` when it is there. */
export function optional(
  parent: Json | undefined,
  path: string,
  field: string,
  check: Check,
): FieldError[] {
  const value = valueAt(parent, field);
  return value === undefined || value === null ? [] : check(value, `${path}.${field}`);
}

/** A string that must not be empty and, when a rule is given, must obey it. */
export function requiredText(
  parent: Json | undefined,
  path: string,
  field: string,
  rule: NameRule = () => [],
): FieldError[] {
  const value = textAt(parent, field) ?? '';
  return value === ''
    ? [required(`${path}.${field}`)]
    : complaints(`${path}.${field}`, value, rule);
}

/** A string that may be missing or empty and otherwise obeys a rule. */
export function optionalText(
  parent: Json | undefined,
  path: string,
  field: string,
  rule: NameRule,
): FieldError[] {
  const value = textAt(parent, field) ?? '';
  return value === '' ? [] : complaints(`${path}.${field}`, value, rule);
}

/** A string that must be one of a few. */
export function oneOf(
  parent: Json | undefined,
  path: string,
  field: string,
  supported: readonly string[],
): FieldError[] {
  const value = textAt(parent, field) ?? '';
  if (value === '') return [required(`${path}.${field}`)];
  return supported.includes(value) ? [] : [notSupported(`${path}.${field}`, value, supported)];
}

/** Like {@link oneOf}, but the field may be missing. */
export function optionalOneOf(
  parent: Json | undefined,
  path: string,
  field: string,
  supported: readonly string[],
): FieldError[] {
  return valueAt(parent, field) === undefined ? [] : oneOf(parent, path, field, supported);
}

/** A number that must not be negative; missing is fine. */
export function nonNegative(parent: Json | undefined, path: string, field: string): FieldError[] {
  const value = valueAt(parent, field);
  return typeof value === 'number' && value < 0
    ? [invalid(`${path}.${field}`, value, 'must be greater than or equal to 0')]
    : [];
}

export const portRange = 'must be between 1 and 65535, inclusive';

export function isPort(value: Json | undefined): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

/** Elements of the list `field` whose `key` an earlier element already has. */
export function duplicates(
  parent: Json | undefined,
  path: string,
  field: string,
  key: string,
): FieldError[] {
  const seen = new Set<Json>();
  return each(parent, path, field, (item, at) => {
    const value = valueAt(item, key);
    if (value === undefined || value === '') return [];
    if (seen.has(value)) return [duplicate(`${at}.${key}`, value)];
    seen.add(value);
    return [];
  });
}
