import { isObject, member, type Json, type JsonObject } from '../json.ts';
import { MalformedPatch } from './malformed-patch.ts';

/** How the elements of one list merge. */
export interface ListMerge {
  /** The member that tells elements apart; absent in lists of scalars. */
  readonly key: string | undefined;
  /** Merges a change into the element it belongs to. */
  readonly merge: (element: JsonObject, change: JsonObject) => JsonObject;
  /** Makes an element of a change that belongs to none. */
  readonly add: (element: JsonObject) => JsonObject;
}

/**
 * Merges `patch` into `list` element by element. Elements of the patch keep the patch's order; the
 * others keep theirs and stay in front of those they preceded.
 */
export function mergeList(list: Json[], patch: Json[], how: ListMerge): Json[] {
  const { key } = how;
  if (![...list, ...patch].some((item) => isObject(item)))
    return interleave(mergeScalars(list, patch), patch, list, undefined);
  if (key === undefined) throw new MalformedPatch('cannot merge lists without merge key');
  const changes = patch.map((item) => changeIn(item, key));
  const wanted = changes.filter(({ directive }) => directive === undefined);
  const changed = wanted.map(({ item }) => item);
  if (changes.some(({ directive }) => directive === 'replace')) return changed.map(how.add);
  const deleted = new Set(changes.filter(({ directive }) => directive).map(({ id }) => id));
  const kept = list.filter((item) => !deleted.has(identity(item, key)));
  return interleave(mergeElements(kept, changed, key, how), changed, kept, key);
}

/** What a `$setElementOrder` directive asks for. */
export interface Order {
  /** The elements (or their merge keys) in the order wanted. */
  readonly wanted: Json[];
  /** The list of the patch that the directive came with. */
  readonly patched: Json[];
  /** The list as it was before the patch. */
  readonly live: Json[];
  readonly key: string | undefined;
}

/** Puts `list` in the order wanted; elements that the order does not name stay near their place. */
export function reorder(list: Json[], { wanted, patched, live, key }: Order): Json[] {
  const place = places(wanted, key);
  const named = patched.filter((item) => directiveOf(item) === undefined).map(place);
  if (named.some((position, index) => position <= (named[index - 1] ?? -1)))
    throw new MalformedPatch(
      `The order in patch list:\n${JSON.stringify(patched)}\n doesn't match $setElementOrder list:\n${JSON.stringify(wanted)}\n`,
    );
  return interleave(list, wanted, live, key);
}

function mergeScalars(list: Json[], patch: Json[]): Json[] {
  return [...new Map([...list, ...patch].map((item) => [identity(item), item])).values()];
}

function mergeElements(
  kept: Json[],
  changes: JsonObject[],
  key: string,
  { merge, add }: ListMerge,
): Json[] {
  const merged = [...kept];
  const indexes = firstIndexes(kept, key);
  for (const change of changes) {
    const id = identity(change, key);
    const index = indexes.get(id) ?? merged.length;
    const held = merged[index];
    merged[index] = isObject(held) ? merge(held, change) : add(change);
    indexes.set(id, index);
  }
  return merged;
}

/** Elements named in `wanted` in that order, the others slipped in by their order in `live`. */
function interleave(list: Json[], wanted: Json[], live: Json[], key: string | undefined): Json[] {
  const [inWanted, inLive] = [places(wanted, key), places(live, key)];
  const named = list.filter((item) => inWanted(item) >= 0);
  const others = list.filter((item) => inWanted(item) < 0);
  others.sort((a, b) => inLive(a) - inLive(b));
  const result: Json[] = [];
  let next = 0;
  for (const item of named.sort((a, b) => inWanted(a) - inWanted(b))) {
    const from = next;
    while (next < others.length && inLive(others[next]) < inLive(item)) next++;
    result.push(...others.slice(from, next), item);
  }
  return [...result, ...others.slice(next)];
}

/** Where the first element with the identity of the one asked for stands in `list`; -1: nowhere. */
function places(list: Json[], key: string | undefined): (item: Json | undefined) => number {
  const indexes = firstIndexes(list, key);
  return (item) => indexes.get(identity(item, key)) ?? -1;
}

function firstIndexes(list: Json[], key: string | undefined): Map<string, number> {
  const indexes = list.map((item, index) => [identity(item, key), index] as const);
  return new Map(indexes.reverse());
}

/** Elements with the same identity are the same element. Merge keys hold scalars. */
function identity(item: Json | undefined, key?: string): string {
  return JSON.stringify((key === undefined ? item : member(item, key)) ?? null);
}

interface ElementChange {
  readonly item: JsonObject;
  readonly id: string;
  readonly directive: 'delete' | 'replace' | undefined;
}

function changeIn(item: Json, key: string): ElementChange {
  if (!isObject(item))
    throw new MalformedPatch('the elements of a list to merge must all be maps or all be scalars');
  const directive = directiveOf(item);
  // A lone `$patch: replace` says something of the whole list, not of one element.
  if (directive !== 'replace' && member(item, key) === undefined)
    throw new MalformedPatch(
      `map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`,
    );
  return { item, id: identity(item, key), directive };
}

function directiveOf(item: Json): 'delete' | 'replace' | undefined {
  const directive = member(item, '$patch');
  if (directive === undefined || directive === 'delete' || directive === 'replace')
    return directive;
  throw new MalformedPatch(
    directive === 'merge'
      ? 'merging lists cannot yet be specified in the patch'
      : `unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(item)}`,
  );
}
