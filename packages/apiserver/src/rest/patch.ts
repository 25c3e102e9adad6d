import { notFound } from '../refusals.ts';
import type { Answer } from './answer.ts';
import { apply } from './apply.ts';
import { applyPatchType, keyOf, subjectOf, type Call, type RestParts } from './call.ts';
import { writeOptions } from './options.ts';
import { revise } from './revise.ts';
import { byUpdate } from './ownership.ts';
import { patched } from './patched.ts';
import { readObject } from './read-object.ts';
import { settle } from './settle.ts';

/** Changes a part of an object, or of its status, whatever its version. */
export async function patch(parts: RestParts, call: Call): Promise<Answer> {
  if (call.body?.mediaType === applyPatchType) return apply(parts, call);
  const options = writeOptions(call);
  const held = await settle(
    parts.store,
    keyOf(call),
    (current) => {
      if (!current) throw notFound(subjectOf(call), call.name);
      const proposed = readObject(call, patched(call, current), options.fieldValidation);
      return revise(parts, call, {
        held: current,
        proposed,
        ownership: byUpdate(parts, call),
      });
    },
    options.dryRun,
  );
  return { type: 'object', status: 200, held };
}
