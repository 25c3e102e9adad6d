import { isObject, type Json, type KubeObject } from '../json.ts';
import { jsonPatch, JsonPatchFailed, maxJsonPatchOperations } from '../patch/json-patch.ts';
import { MalformedPatch } from '../patch/malformed-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { mergeSchemaFor } from '../patch/merge-schema.ts';
import { strategicMerge } from '../patch/strategic-merge.ts';
import {
  badRequest,
  tooManyOperations,
  unappliablePatch,
  unsupportedMediaType,
} from '../refusals.ts';
import type { Resource } from '../registry/resource.ts';
import type { Held } from '../storage/held.ts';
import { applyPatchType, type Call } from './call.ts';
import { withEnvelope } from './decode.ts';
import { toServed } from './stored-version.ts';

/** An object as a JSON, merge or strategic merge patch leaves it. Throws StatusError where it cannot be applied. */
export function patched(call: Call, current: Held): KubeObject {
  const target = toServed(call.resource, current.parse());
  const result = attempted(() => applied(call, target));
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
      checkLength(change);
      return jsonPatch(target, change);
    case 'application/strategic-merge-patch+json':
      return strategicallyMerged(resource, target, change);
    default:
      throw unsupportedMediaType(acceptedPatches(resource.custom !== undefined));
  }
}

function checkLength(operations: Json): void {
  if (Array.isArray(operations) && operations.length > maxJsonPatchOperations)
    throw tooManyOperations(maxJsonPatchOperations, operations.length);
}

/** Custom resources do not say how their lists merge. */
function strategicallyMerged({ group, kind }: Resource, target: Json, change: Json): Json {
  const schema = mergeSchemaFor(group, kind);
  if (!schema) throw unsupportedMediaType(acceptedPatches(true));
  return strategicMerge(target, change, schema);
}

function attempted(apply: () => Json): Json {
  try {
    return apply();
  } catch (error) {
    if (error instanceof JsonPatchFailed) throw unappliablePatch();
    if (error instanceof MalformedPatch) throw badRequest(error.message);
    throw error;
  }
}

function acceptedPatches(custom: boolean): readonly string[] {
  return [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(custom ? [] : ['application/strategic-merge-patch+json']),
    applyPatchType,
  ];
}
