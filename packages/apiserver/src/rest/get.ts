import { notFound } from '../refusals.ts';
import type { Answer } from './answer.ts';
import { keyOf, subjectOf, type Call, type RestParts } from './call.ts';

/** One object as it stands. */
export function get({ store }: RestParts, call: Call): Answer {
  const held = store.get(keyOf(call));
  if (!held) throw notFound(subjectOf(call), call.name);
  return { type: 'object', status: 200, held };
}
