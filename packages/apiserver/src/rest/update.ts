import { badRequest, invalid, notFound } from '../refusals.ts';
import { invalid as fieldInvalid } from '../validation/field-error.ts';
import type { Answer } from './answer.ts';
import { keyOf, subjectOf, type Call, type RestParts } from './call.ts';
import { decodeObject } from './decode.ts';
import { writeOptions } from './options.ts';
import { revise } from './revise.ts';
import { byUpdate } from './ownership.ts';
import { readObject } from './read-object.ts';
import { settle } from './settle.ts';

/** Replaces an object, or its status; with a `resourceVersion` only that version of it. */
export async function update(parts: RestParts, call: Call): Promise<Answer> {
  const options = writeOptions(call);
  const submitted = readObject(call, decodeObject(call), options.fieldValidation);
  checkName(call, submitted.metadata.name ?? '');
  const held = await settle(
    parts.store,
    keyOf(call),
    (current) => {
      if (!current) throw notFound(subjectOf(call), call.name);
      checkVersioned(call, submitted.metadata.resourceVersion ?? '');
      return revise(parts, call, {
        held: current,
        proposed: submitted,
        ownership: byUpdate(parts, call),
      });
    },
    options.dryRun,
  );
  return { type: 'object', status: 200, held };
}

function checkName(call: Call, name: string): void {
  if (name === '') throw badRequest('name must be provided');
  if (name !== call.name)
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${call.name})`,
    );
}

/** Custom resources cannot be overwritten unseen. */
function checkVersioned({ resource, name }: Call, resourceVersion: string): void {
  if (!resource.custom || resourceVersion !== '') return;
  throw invalid({ group: resource.group, kind: resource.plural, name }, [
    fieldInvalid('metadata.resourceVersion', 0, 'must be specified for an update'),
  ]);
}
