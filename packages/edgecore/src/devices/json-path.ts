import { EdgeError } from '@skerry/shared/errors';
import type { Json } from '@skerry/apiserver/json';

/** A JSON path that is not one, or uses more than the part of the language that is served. */
export class MalformedJsonPath extends EdgeError {
  readonly code = 'device.malformed-json-path';
  readonly disposition = 'reject';
}

/** Member names and array indices, from the root. */
export type JsonPath = readonly (string | number)[];

const step = /\.([A-Za-z_][\w-]*)|\[(\d{1,3})\]|\['([^']*)'\]|\["([^"]*)"\]/y;

/**
 * Parses the singular paths of JSONPath: `$`, `.name`, `['name']`, `[0]`. A path leads to one value, so
 * wildcards, slices and filters are refused.
 *
 * Source: RFC 9535 §2.3.5.1 (singular queries).
 */
export function parseJsonPath(text: string): JsonPath {
  if (!text.startsWith('$')) throw new MalformedJsonPath(`${text} does not begin with $`);
  const path: (string | number)[] = [];
  for (let at = 1; at < text.length; at = step.lastIndex) {
    step.lastIndex = at;
    const found = step.exec(text);
    if (!found)
      throw new MalformedJsonPath(`${text} is not understood from “${text.slice(at)}” on`);
    const [, bare, index, single, double] = found;
    path.push(index === undefined ? (bare ?? single ?? double ?? '') : Number(index));
  }
  return path;
}

/** The value at `path`; undefined when there is none. Inherited members are not there. */
export function valueAtPath(document: Json, path: JsonPath): Json | undefined {
  let value: Json | undefined = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) value = typeof key === 'number' ? value[key] : undefined;
    else value = typeof key === 'string' && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

/** The smallest document that has `value` at `path`. */
export function documentWith(path: JsonPath, value: Json): Json {
  return path.reduceRight<Json>((inner, key) => {
    if (typeof key === 'string') return Object.fromEntries([[key, inner]]);
    return [...Array.from({ length: key }, () => null), inner];
  }, value);
}
