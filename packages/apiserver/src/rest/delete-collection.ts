import { StatusError } from '../status-error.ts';
import type { Answer } from './answer.ts';
import type { Call, RestParts } from './call.ts';
import { remove } from './delete.ts';
import { deleteOptions } from './delete-options.ts';
import { selectList } from './list.ts';

/** Deletes what a list with the same selectors shows, and answers with that list. */
export async function deleteCollection(parts: RestParts, call: Call): Promise<Answer> {
  const options = deleteOptions(call);
  const list = selectList(parts.store, call);
  const removals = list.items.map((held) =>
    remove(parts, call, held, options).catch((error: unknown) => {
      if (!isGone(error)) throw error; // somebody else was faster
    }),
  );
  await Promise.all(removals);
  return { type: 'list', list };
}

function isGone(error: unknown): boolean {
  return error instanceof StatusError && error.status === 404;
}
