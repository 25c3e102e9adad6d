import { parseJson } from '@skerry/shared/parse-json';
import type { PodObject } from './pod.ts';

/** A held pod. Throws SyntaxError when it is not JSON, which no API server sends. */
export function parsePod(object: Uint8Array): PodObject {
  return parseJson(object) as PodObject;
}
