import { isDeepStrictEqual } from 'node:util';

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The smallest merge patch (RFC 7386) that turns `before` into `after`; undefined when they are equal.
 * A field that is null in `after` counts as absent, since a merge patch cannot say otherwise. Arrays are
 * replaced whole.
 */
export function mergeDiff(before: Fields, after: Fields): Fields | undefined {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(before))
    if (after[key] === undefined || after[key] === null) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined || value === null) continue;
    const difference = diffOf(before[key], value);
    if (difference !== undefined) patch[key] = difference;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function diffOf(before: unknown, after: unknown): unknown {
  if (isFields(before) && isFields(after)) return mergeDiff(before, after);
  return isDeepStrictEqual(withoutNulls(before), withoutNulls(after)) ? undefined : after;
}

/** A server may or may not keep a null within an array; either way it means absence. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isFields(value)) return value;
  const stated = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(stated.map(([name, member]) => [name, withoutNulls(member)]));
}
