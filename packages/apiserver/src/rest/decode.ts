import { isObject, member, type Json, type JsonObject, type KubeObject } from '../json.ts';
import { badRequest, cannotBeHandled } from '../refusals.ts';
import { apiVersionOf } from '../registry/resource.ts';
import type { Call } from './call.ts';

/**
 * The object in a call's body, of the kind that its path names. A fresh tree: the caller may change it.
 * Throws BadRequest when it is of another kind, or of a form no object has.
 */
export function decodeObject(call: Call): KubeObject {
  const json = call.body?.json;
  const { kind } = call.subresource ?? call.resource;
  if (!isObject(json)) throw badRequest(unrecognized(kind));
  const object = withEnvelope(call, json);
  checkNamespace(call, object);
  return object;
}

/** Checks a tree that a patch has made, or a client has sent, and fills in what its path says. */
export function withEnvelope(call: Call, json: JsonObject): KubeObject {
  const expected = { kind: kindOf(call), apiVersion: apiVersionAt(call) };
  const { kind = expected.kind, apiVersion = expected.apiVersion, metadata = {}, ...rest } = json;
  if (apiVersion !== expected.apiVersion)
    throw badRequest(
      `the API version in the data (${shown(apiVersion)}) does not match the expected API version (${expected.apiVersion})`,
    );
  if (kind !== expected.kind)
    throw cannotBeHandled(targetOf(call), 'unknown conversion', shown(kind));
  return {
    kind: expected.kind,
    apiVersion: expected.apiVersion,
    metadata: metadataOf(call, metadata),
    ...rest,
  };
}

function kindOf({ subresource, resource }: Call): string {
  return subresource?.kind ?? resource.kind;
}

function apiVersionAt({ subresource, resource }: Call): string {
  const { group, version } = { ...resource, ...subresource };
  return apiVersionOf({ group, version });
}

function checkNamespace(call: Call, object: KubeObject): void {
  const { namespace = '' } = object.metadata;
  if (namespace !== '' && namespace !== call.namespace)
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  if (call.namespace !== '') object.metadata.namespace = call.namespace;
  else delete object.metadata.namespace;
}

type Check = (value: Json) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isTextMap: Check = (value) => isObject(value) && Object.values(value).every(isText);
const isTextList: Check = (value) => Array.isArray(value) && value.every(isText);

const metadataTypes: Readonly<Record<string, Check>> = {
  name: isText,
  generateName: isText,
  namespace: isText,
  uid: isText,
  resourceVersion: isText,
  labels: isTextMap,
  annotations: isTextMap,
  finalizers: isTextList,
};

/** Everything after this relies on these fields having the type they claim. */
function metadataOf(call: Call, metadata: Json): KubeObject['metadata'] {
  if (metadata === null) return {};
  if (!isObject(metadata)) throw wrongType(call, 'metadata', metadata);
  const present = withoutNulls(metadata);
  for (const [field, check] of Object.entries(metadataTypes)) {
    const value = member(present, field);
    if (value !== undefined && !check(value)) throw wrongType(call, `metadata.${field}`, value);
  }
  return present;
}

/** Null stands for absence, as in every typed field of Kubernetes. */
function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}

function wrongType(call: Call, field: string, value: Json): Error {
  const type = Array.isArray(value) ? 'array' : typeof value;
  return cannotBeHandled(
    targetOf(call),
    `json: cannot unmarshal ${type} into Go struct field ObjectMeta.${field}`,
  );
}

function targetOf(call: Call): { kind: string; version: string } {
  return { kind: kindOf(call), version: call.resource.version };
}

function unrecognized(kind: string): string {
  return `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind`;
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
