import { objectAt, type JsonObject, type KubeObject } from '@skerry/apiserver/json';
import { alreadyExists, badRequest, forbidden, notFound } from '@skerry/apiserver/refusals';
import type { Verb } from '@skerry/apiserver/registry/resource';
import type { Answer } from '@skerry/apiserver/rest/answer';
import { keyOf, subjectOf, type Call } from '@skerry/apiserver/rest/call';
import { checkObject } from '@skerry/apiserver/rest/check-object';
import { decodeObject } from '@skerry/apiserver/rest/decode';
import { deleteOptions } from '@skerry/apiserver/rest/delete-options';
import { writeOptions } from '@skerry/apiserver/rest/options';
import { readObject } from '@skerry/apiserver/rest/read-object';
import { encodeHeld } from '@skerry/apiserver/storage/held';
import { objectKey, type NodeName } from '@skerry/shared/names';
import type { HeldView } from './held-view.ts';
import { maxLocalSilences, silencesResource, type LocalSilences } from './local-silences.ts';

export interface SilenceCallParts {
  readonly node: NodeName;
  readonly view: HeldView;
  readonly silences: LocalSilences;
}

/** Makes a silence for this node, or ends one that was made here; refuses everything else (403). */
export async function silenceCall(
  parts: SilenceCallParts,
  call: Call,
  verb: Verb,
): Promise<Answer> {
  if (verb === 'create') return make(parts, call);
  if (verb === 'delete') return end(parts, call);
  const why = 'a silence is made and ended at a node, not changed: end it and make another';
  throw forbidden(subjectOf(call), call.name, why);
}

async function make(parts: SilenceCallParts, call: Call): Promise<Answer> {
  const { view, silences } = parts;
  const { dryRun, fieldValidation } = writeOptions(call);
  const object = placedHere(parts, call, readObject(call, decodeObject(call), fieldValidation));
  checkObject(call, object);
  const { name = '' } = object.metadata;
  const at = keyOf(call, name);
  if (view.get(at)) throw alreadyExists(subjectOf(call), name);
  if (silences.isFull)
    throw badRequest(`${maxLocalSilences} silences wait for the cluster: no more are taken`);
  if (!dryRun) await silences.make(name, specOf(object));
  await view.refresh(objectKey(silencesResource, '', name));
  const held = view.get(at) ?? encodeHeld(at, object, view.revision); // or it is over already
  return { type: 'object', status: 201, held };
}

function placedHere({ node }: SilenceCallParts, call: Call, object: KubeObject): KubeObject {
  const { nodeName = node, ...spec } = specOf(object);
  if (nodeName === node && spec['nodeSelector'] === undefined)
    return { ...object, spec: { nodeName, ...spec } };
  const why = `what is made at a node is for this node alone, ${node}: others are made in the cluster`;
  throw forbidden(subjectOf(call), object.metadata.name ?? '', why);
}

function specOf(object: KubeObject): JsonObject {
  return objectAt(object, 'spec') ?? {};
}

async function end({ view, silences }: SilenceCallParts, call: Call): Promise<Answer> {
  const held = view.get(keyOf(call));
  if (!held) throw notFound(subjectOf(call), call.name);
  if (deleteOptions(call).dryRun) return { type: 'object', status: 200, held };
  if ((await silences.end(call.name)) === 'of-the-cluster')
    throw forbidden(subjectOf(call), call.name, 'it was made in the cluster: end it there');
  await view.refresh(objectKey(silencesResource, '', call.name));
  return { type: 'object', status: 200, held };
}
