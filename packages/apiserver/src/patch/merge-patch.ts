import { isObject, member, type Json } from '../json.ts';

/**
 * Applies a JSON Merge Patch: members of `patch` replace those of `target`, null removes, anything
 * but an object replaces as a whole.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7386#section-2
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(member(target, key), value));
  }
  return Object.fromEntries(merged);
}
