import { isObject, type Json, type KubeObject } from '../json.ts';
import { jsonPatch, JsonPatchFailed } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { badRequest, notFound, unappliablePatch, unsupportedMediaType } from '../refusals.ts';
import type { Held } from '../storage/held.ts';
import type { Answer } from './answer.ts';
import { keyOf, subjectOf, type Call, type RestParts } from './call.ts';
import { withEnvelope } from './decode.ts';
import { writeOptions } from './options.ts';
import { revise } from './revise.ts';
import { settle } from './settle.ts';
import { toServed } from './stored-version.ts';

/** Changes a part of an object, or of its status, whatever its version. */
export async function patch(parts: RestParts, call: Call): Promise<Answer> {
  const options = writeOptions(call);
  const held = await settle(
    parts.store,
    keyOf(call),
    (current) => {
      if (!current) throw notFound(subjectOf(call), call.name);
      return revise(call, current, patched(call, current));
    },
    options.dryRun,
  );
  return { type: 'object', status: 200, held };
}

function patched(call: Call, current: Held): KubeObject {
  const { resourceVersion: _newest, ...metadata } = current.parse().metadata;
  const target = { ...toServed(call.resource, current.parse()), metadata };
  const result = applied(call, target);
  if (!isObject(result)) throw badRequest('the patch does not leave an object');
  return withEnvelope(call, result);
}

function applied({ body, resource }: Call, target: Json): Json {
  const change = body?.json ?? null;
  switch (body?.mediaType) {
    case 'application/merge-patch+json':
      if (!isObject(change)) throw badRequest('a merge patch must be an object');
      return mergePatch(target, change);
    case 'application/json-patch+json':
      return jsonPatched(target, change);
    default:
      throw unsupportedMediaType(acceptedPatches(resource.custom !== undefined));
  }
}

function jsonPatched(target: Json, operations: Json): Json {
  try {
    return jsonPatch(target, operations);
  } catch (error) {
    if (error instanceof JsonPatchFailed) throw unappliablePatch();
    throw error;
  }
}

function acceptedPatches(custom: boolean): readonly string[] {
  return [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(custom ? [] : ['application/strategic-merge-patch+json']),
    'application/apply-patch+yaml',
  ];
}
