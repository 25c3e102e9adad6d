import { isObject, type Json, type JsonObject } from '../json.ts';

/**
 * A set of paths into an object, as a trie. Each step is a path element in the notation of `fieldsV1`:
 * `f:name` a member, `k:{"name":"c"}` an element by its keys, `v:"x"` an element by its value.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export interface FieldSet {
  /** Whether the path that leads here is itself in the set. */
  readonly isMember: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const noFields: FieldSet = { isMember: false, children: new Map() };

export function isEmptySet({ isMember, children }: FieldSet): boolean {
  return !isMember && children.size === 0;
}

/** A set of what the children hold and, when `isMember`, of the path itself; empty children go. */
export function fieldSet(
  isMember: boolean,
  children: Iterable<readonly [string, FieldSet]>,
): FieldSet {
  return { isMember, children: new Map([...children].filter(([, child]) => !isEmptySet(child))) };
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  if (isEmptySet(b)) return a;
  const children = new Map(a.children);
  for (const [key, child] of b.children) children.set(key, union(childOf(a, key), child));
  return { isMember: a.isMember || b.isMember, children };
}

/** What is in `a` but not in `b`; `a` itself when they have nothing in common. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const isMember = a.isMember && !b.isMember;
  let isSame = isMember === a.isMember;
  const children = [...a.children].map(([key, child]) => {
    const other = b.children.get(key);
    const left = other ? difference(child, other) : child;
    isSame &&= left === child;
    return [key, left] as const;
  });
  return isSame ? a : fieldSet(isMember, children);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const shared = [...a.children].flatMap(([key, child]) => {
    const other = b.children.get(key);
    return other ? [[key, intersection(child, other)] as const] : [];
  });
  return fieldSet(a.isMember && b.isMember, shared);
}

export function childOf({ children }: FieldSet, key: string): FieldSet {
  return children.get(key) ?? noFields;
}

/** The set as `managedFields[].fieldsV1` writes it. */
export function toFieldsV1({ isMember, children }: FieldSet): JsonObject {
  const sorted = [...children].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries([
    ...(isMember && children.size > 0 ? [['.', {}] as const] : []),
    ...sorted.map(([key, child]) => [key, toFieldsV1(child)] as const),
  ]);
}

/** Reads `fieldsV1`; what is no set of fields is the empty one. */
export function fromFieldsV1(fields: Json | undefined): FieldSet {
  if (!isObject(fields)) return noFields;
  return fieldSet(
    false,
    Object.entries(fields).map(([key, below]) => [key, memberFrom(below)]),
  );
}

function memberFrom(fields: Json): FieldSet {
  const { '.': own, ...below } = isObject(fields) ? fields : {};
  const { children } = fromFieldsV1(below);
  return { isMember: own !== undefined || children.size === 0, children };
}

/** Every path of the set as people write it: `.spec.containers[name="c"].image`. */
export function pathsOf(set: FieldSet, path = ''): string[] {
  return [
    ...(set.isMember ? [path] : []),
    ...[...set.children].flatMap(([key, child]) => pathsOf(child, `${path}${shown(key)}`)),
  ];
}

function shown(element: string): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return `.${rest}`;
    case 'k:': {
      const keys = Object.entries(JSON.parse(rest) as JsonObject);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v:':
      return `[=${rest}]`;
    default:
      return `[${rest}]`;
  }
}
