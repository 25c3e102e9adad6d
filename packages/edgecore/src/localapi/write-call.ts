import {
  listAt,
  objectAt,
  sameJson,
  textAt,
  valueAt,
  type Json,
  type KubeObject,
} from '@skerry/apiserver/json';
import { badRequest, forbidden, notFound, staleVersion } from '@skerry/apiserver/refusals';
import type { Verb } from '@skerry/apiserver/registry/resource';
import type { Answer } from '@skerry/apiserver/rest/answer';
import { keyOf, subjectOf, type Call } from '@skerry/apiserver/rest/call';
import { decodeObject } from '@skerry/apiserver/rest/decode';
import { deleteOptions } from '@skerry/apiserver/rest/delete-options';
import { writeOptions } from '@skerry/apiserver/rest/options';
import { patched } from '@skerry/apiserver/rest/patched';
import type { Held } from '@skerry/apiserver/storage/held';
import { isWritableField, writableResources } from '@skerry/shared/edge-write';
import { objectKey, type NodeName, type ObjectKey, type ResourceName } from '@skerry/shared/names';
import { deviceId } from '../devices/device-id.ts';
import type { DesireDesk } from '../devices/desire-desk.ts';
import { Refused } from '../devices/topics/request.ts';
import { cloudVersionAnnotation, pendingAnnotation } from './compose.ts';
import type { HeldView } from './held-view.ts';
import { silencesResource, type LocalSilences } from './local-silences.ts';
import type { LocalWrites, NewWrite } from './local-writes.ts';
import { silenceCall } from './silence-call.ts';

export interface WriteParts {
  readonly view: HeldView;
  readonly writes: LocalWrites;
  readonly desires: DesireDesk;
  readonly node: NodeName;
  readonly silences: LocalSilences;
}

type Values = Readonly<Record<string, string>>;

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const howElse = 'everything else is written in the cluster';

/**
 * Takes a write that makes sense at the node, and says why not of every other (403): labels and
 * annotations of some kinds, desired values of devices, the deletion of a pod, silences of this node.
 */
export async function writeCall(parts: WriteParts, call: Call, verb: Verb): Promise<Answer> {
  const { storage, plural } = call.resource;
  if (storage === silencesResource) return silenceCall(parts, call, verb);
  if (call.subresource)
    throw refuse(call, `what a node says of ${plural} it writes itself; ${howElse}`);
  if (verb === 'delete' && storage === 'pods') return deletePod(parts, call);
  if (verb === 'create' || verb === 'delete' || verb === 'deletecollection')
    throw refuse(call, `of this node's objects only single pods may be deleted here; ${howElse}`);
  if (!writableResources.includes(storage as ResourceName))
    throw refuse(call, `${plural} cannot be written at a node; ${howElse}`);
  return change(parts, call, verb);
}

async function deletePod(parts: WriteParts, call: Call): Promise<Answer> {
  const held = heldOf(parts, call);
  const { dryRun, graceSeconds, uid, resourceVersion } = deleteOptions(call);
  checkVersion(call, held, { uid, resourceVersion });
  checkClusters(call, held);
  if (!dryRun) {
    const grace = graceSeconds === undefined ? {} : { graceSeconds };
    await commit(parts, call, held, { deletion: grace });
  }
  return answered(parts, call, held);
}

async function change(parts: WriteParts, call: Call, verb: Verb): Promise<Answer> {
  const held = heldOf(parts, call);
  const { dryRun } = writeOptions(call);
  const proposed = verb === 'patch' ? patched(call, held) : decodeObject(call);
  checkVersion(call, held, proposed.metadata);
  checkClusters(call, held);
  const shown = held.parse();
  const wanted = differences(call, shown, proposed);
  const desired = desiredIn(call, shown, proposed);
  if (dryRun) return answered(parts, call, held);
  if (Object.keys(desired).length > 0) await desire(parts, call, desired);
  if (hasAny(wanted)) await commit(parts, call, held, wanted);
  else await parts.view.refresh(objectKeyOf(call));
  return answered(parts, call, held);
}

function hasAny({ labels = {}, annotations = {} }: NewWrite): boolean {
  return Object.keys(labels).length + Object.keys(annotations).length > 0;
}

/** Throws Forbidden where something else differs than may be written here. */
function differences(call: Call, shown: KubeObject, proposed: KubeObject): NewWrite {
  const before = comparable(call, shown);
  const after = comparable(call, proposed);
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)]))
    if (!sameJson(before[field], after[field]))
      throw refuse(
        call,
        `only labels, annotations and desired values may be written at a node, not ${field}; ${howElse}`,
      );
  const labels = mapDifference(shown.metadata.labels, proposed.metadata.labels);
  const annotations = mapDifference(
    withoutMarks(shown.metadata.annotations),
    withoutMarks(proposed.metadata.annotations),
  );
  for (const name of [...Object.keys(labels), ...Object.keys(annotations)])
    if (!isWritableField(name))
      throw refuse(call, `${name} steers the cluster or this system; ${howElse}`);
  return { labels, annotations };
}

const servers = ['resourceVersion', 'managedFields', 'selfLink', 'labels', 'annotations'];

/** Everything but what is written elsewhere, or may be written here. */
function comparable(
  call: Call,
  { metadata, status: _status, spec, ...rest }: KubeObject,
): Readonly<Record<string, Json | undefined>> {
  const own = Object.entries(metadata).filter(([name]) => !servers.includes(name));
  const isDevice = call.resource.kind === 'Device';
  return {
    ...rest,
    ...Object.fromEntries(own.map(([name, value]) => [`metadata.${name}`, value])),
    spec: isDevice ? withoutDesired(spec ?? null) : spec,
  };
}

function withoutDesired(spec: Json): Json {
  const properties = listAt(spec, 'properties').map((property): Json => {
    const { desired: _desired, ...rest } = objectAt(property) ?? {};
    return rest;
  });
  return { ...objectAt(spec), properties };
}

function desiredIn(call: Call, shown: KubeObject, proposed: KubeObject): Values {
  if (call.resource.kind !== 'Device') return {};
  const [before, after] = [desiredValues(shown), desiredValues(proposed)];
  const changed = Object.entries(after).filter(([name, value]) => before[name] !== value);
  const lost = Object.keys(before).find((name) => !Object.hasOwn(after, name));
  if (lost !== undefined)
    throw refuse(call, `the desired value of ${lost} can only be changed here, not taken away`);
  return Object.fromEntries(changed);
}

function desiredValues(device: KubeObject): Values {
  return Object.fromEntries(
    listAt(device, 'spec', 'properties').flatMap((property) => {
      const value = valueAt(property, 'desired', 'value');
      const name = textAt(property, 'name');
      return name === undefined || typeof value !== 'string' ? [] : [[name, value]];
    }),
  );
}

async function desire({ desires }: WriteParts, call: Call, values: Values): Promise<void> {
  if (!desires.desire) throw badRequest('no devices are served yet');
  try {
    await desires.desire(deviceId(call.namespace, call.name), values);
  } catch (error) {
    if (error instanceof Refused) throw badRequest(error.message);
    throw error;
  }
}

function withoutMarks(annotations: Values = {}): Values {
  const { [cloudVersionAnnotation]: _version, [pendingAnnotation]: _pending, ...own } = annotations;
  return own;
}

function mapDifference(before: Values = {}, after: Values = {}): Record<string, string | null> {
  const changed: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(after))
    if (before[name] !== value) changed[name] = value;
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) changed[name] = null;
  return changed;
}

async function commit(
  { writes, view }: WriteParts,
  call: Call,
  held: Held,
  wanted: NewWrite,
): Promise<void> {
  const { uid = '', labels = {}, annotations = {} } = held.parse().metadata;
  const key = objectKeyOf(call);
  await writes.write(key, { uid, labels, annotations }, wanted);
  await view.refresh(key);
}

function heldOf({ view }: WriteParts, call: Call): Held {
  const held = view.get(keyOf(call));
  if (!held) throw notFound(subjectOf(call), call.name);
  return held;
}

function checkVersion(
  call: Call,
  held: Held,
  { uid, resourceVersion }: { uid?: string | undefined; resourceVersion?: string | undefined },
): void {
  const { metadata } = held.parse();
  const isOld = (resourceVersion ?? '') !== '' && resourceVersion !== metadata.resourceVersion;
  if (isOld || ((uid ?? '') !== '' && uid !== metadata.uid))
    throw staleVersion(subjectOf(call), call.name);
}

/** What the node has made by itself is not written through the cluster. */
function checkClusters(call: Call, held: Held): void {
  const { annotations = {} } = held.parse().metadata;
  if (mirrorAnnotation in annotations)
    throw refuse(call, 'it is of a manifest on this node: change the file');
  if (!(cloudVersionAnnotation in annotations))
    throw refuse(call, 'this node has made it by itself, and looks after it');
}

/** The object as it is now; as it was, when it has gone at once. */
function answered({ view }: WriteParts, call: Call, held: Held): Answer {
  return { type: 'object', status: 200, held: view.get(keyOf(call)) ?? held };
}

function objectKeyOf({ resource, namespace, name }: Call): ObjectKey {
  return objectKey(resource.storage as ResourceName, namespace, name);
}

function refuse(call: Call, why: string): Error {
  return forbidden(subjectOf(call), call.name, why);
}
