import { notFound } from '../refusals.ts';
import type { Answer } from './answer.ts';
import { keyOf, subjectOf, type Call, type ReadParts } from './call.ts';

/** One object as it stands. */
export function get({ store }: Pick<ReadParts, 'store'>, call: Call): Answer {
  const held = store.get(keyOf(call));
  if (!held) throw notFound(subjectOf(call), call.name);
  return { type: 'object', status: 200, held };
}
