import { EdgeError } from '@skerry/shared/errors';
import { isObject, member, sameJson, textAt, type Json, type JsonObject } from '../json.ts';
import { pointerTokens } from './json-pointer.ts';
import { MalformedPatch } from './malformed-patch.ts';

/** More operations than this in one patch are refused by the caller (413). */
export const maxJsonPatchOperations = 10_000;
/** What all `copy` operations of one patch may add together, in characters of JSON. */
export const maxJsonPatchCopy: number = 3 * 1024 * 1024;

/** An operation does not apply to this document: unprocessable (422). Nothing was changed. */
export class JsonPatchFailed extends EdgeError {
  readonly code = 'api.json-patch-failed';
  readonly disposition = 'reject';
}

/**
 * Applies a JSON Patch, all or nothing. As in Kubernetes, a negative index counts from the end.
 *
 * Throws {@link MalformedPatch} when `operations` is no list of operations, {@link JsonPatchFailed}
 * when one of them does not apply.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6902#section-4
 */
export function jsonPatch(target: Json, operations: Json): Json {
  if (!Array.isArray(operations))
    throw new MalformedPatch('json: cannot unmarshal the patch into a list of operations');
  let document = target;
  let copied = 0;
  for (const operation of operations) {
    const { kind, operands } = readOperation(operation);
    const apply = appliers.get(kind);
    if (!apply) throw new JsonPatchFailed(`Unexpected kind: ${kind}`);
    if (kind === 'copy') copied += JSON.stringify(find(document, operands.from) ?? null).length;
    if (copied > maxJsonPatchCopy)
      throw new JsonPatchFailed(
        `Unable to complete the copy, the accumulated size increase of copy is ${copied}, exceeding the limit ${maxJsonPatchCopy}`,
      );
    document = apply(document, operands);
  }
  return document;
}

interface Operands {
  readonly path: string;
  readonly from: string;
  readonly value?: Json;
}

function readOperation(operation: Json): { readonly kind: string; readonly operands: Operands } {
  if (!isObject(operation))
    throw new MalformedPatch('json: cannot unmarshal an operation of the patch into an object');
  const kind = textAt(operation, 'op') ?? '';
  const path = pathAt(operation, 'path', kind);
  const from = kind === 'move' || kind === 'copy' ? pathAt(operation, 'from', kind) : '';
  return { kind, operands: { path, from, value: member(operation, 'value') ?? null } };
}

function pathAt(operation: JsonObject, key: 'path' | 'from', kind: string): string {
  const path = member(operation, key);
  if (typeof path === 'string') return path;
  throw new JsonPatchFailed(`${kind} operation failed to decode ${key}: missing value`);
}

const appliers = new Map<string, (document: Json, operands: Operands) => Json>([
  ['add', (document, operands) => add(document, operands)],
  ['remove', (document, operands) => remove(document, operands)],
  ['replace', replace],
  ['move', move],
  ['copy', copy],
  ['test', test],
]);

function add(document: Json, { path, value = null }: Operands, kind = 'add'): Json {
  if (path === '') return value;
  return edit(document, path, kind, (container, key) => {
    if (Array.isArray(container)) return container.toSpliced(insertionIn(container, key), 0, value);
    return withMember(container, key, value);
  });
}

function remove(document: Json, { path }: Operands, kind = 'remove'): Json {
  return edit(document, path, kind, (container, key) => {
    if (Array.isArray(container)) return container.toSpliced(indexIn(container, key), 1);
    if (Object.hasOwn(container, key)) return withoutMember(container, key);
    throw new JsonPatchFailed(`Unable to remove nonexistent key: ${key}: missing value`);
  });
}

function replace(document: Json, { path, value = null }: Operands): Json {
  if (path === '') return value;
  if (find(document, path) === undefined)
    throw new JsonPatchFailed(
      `replace operation does not apply: doc is missing key: ${path}: missing value`,
    );
  return edit(document, path, 'replace', (container, key) =>
    Array.isArray(container)
      ? container.with(indexIn(container, key), value)
      : withMember(container, key, value),
  );
}

function move(document: Json, { path, from }: Operands): Json {
  if (path.startsWith(`${from}/`))
    throw new JsonPatchFailed(`move operation does not apply: ${path} lies inside ${from}`);
  const value = source(document, from, 'move');
  if (path === from) return document;
  return add(remove(document, { path: from, from }, 'move'), { path, from, value }, 'move');
}

function copy(document: Json, { path, from }: Operands): Json {
  return add(document, { path, from, value: source(document, from, 'copy') }, 'copy');
}

function test(document: Json, { path, value = null }: Operands): Json {
  // A missing member equals null, as it does for the reference server.
  if (sameJson(find(document, path) ?? null, value)) return document;
  throw new JsonPatchFailed(`testing value ${path} failed: test failed`);
}

function source(document: Json, from: string, kind: string): Json {
  const value = find(document, from);
  if (value !== undefined) return value;
  throw new JsonPatchFailed(
    `${kind} operation does not apply: doc is missing from path: ${from}: missing value`,
  );
}

function find(document: Json, path: string): Json | undefined {
  let found: Json | undefined = document;
  for (const token of pointerTokens(path) ?? [path])
    found = Array.isArray(found) ? found.at(indexOf(token) ?? found.length) : member(found, token);
  return found;
}

type Container = Json[] | JsonObject;

/** Rebuilds `document` with `change` made to the container that `path` ends in. */
function edit(
  document: Json,
  path: string,
  kind: string,
  change: (container: Container, key: string) => Json,
): Json {
  const tokens = pointerTokens(path) ?? [];
  const rebuild = (value: Json | undefined, depth: number): Json => {
    const token = tokens[depth];
    if (token === undefined || !(Array.isArray(value) || isObject(value)))
      throw new JsonPatchFailed(
        `${kind} operation does not apply: doc is missing path: "${path}": missing value`,
      );
    if (depth === tokens.length - 1) return change(value, token);
    if (!Array.isArray(value))
      return withMember(value, token, rebuild(member(value, token), depth + 1));
    const index = indexIn(value, token);
    return value.with(index, rebuild(value[index], depth + 1));
  };
  return rebuild(document, 0);
}

function withMember(object: JsonObject, key: string, value: Json): JsonObject {
  return Object.fromEntries([...Object.entries(object), [key, value]]);
}

function withoutMember(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([other]) => other !== key));
}

function indexOf(token: string): number | undefined {
  return /^-?\d{1,9}$/.test(token) ? Number(token) : undefined;
}

/** Where `token` points in `list`; negative tokens count from the end, as in Kubernetes. */
function indexIn(list: Json[], token: string, length: number = list.length): number {
  const index = indexOf(token);
  if (index === undefined)
    throw new JsonPatchFailed(`value was not a proper array index: '${token}'`);
  if (index >= length || index < -length)
    throw new JsonPatchFailed(`Unable to access invalid index: ${index}: invalid index referenced`);
  return index < 0 ? index + length : index;
}

function insertionIn(list: Json[], token: string): number {
  return token === '-' ? list.length : indexIn(list, token, list.length + 1);
}
