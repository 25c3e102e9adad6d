import { createHash } from 'node:crypto';
import {
  listAt,
  objectAt,
  textAt,
  valueAt,
  type Json,
  type JsonObject,
  type KubeObject,
} from '@skerry/apiserver/json';
import { keyParts, type ObjectKey } from '@skerry/shared/names';
import { alertsResource } from './alerts-resource.ts';
import { uidIn } from './report-memory.ts';

/** The version that the cluster gave to what is shown; absent where the cluster has not made it. */
export const cloudVersionAnnotation = 'edge.skerry.io/cloud-version';
/** What of an object was written here and the cluster has not taken yet: `labels/x, deletion`. */
export const pendingAnnotation = 'edge.skerry.io/pending';

/** An object as it is held here. */
export interface Known {
  readonly object: KubeObject;
  /** Undefined for what no API server knows. */
  readonly cloudVersion: string | undefined;
  /** What of it was written here and waits, in words. */
  readonly pending: readonly string[];
}

type Overlay = (object: KubeObject, payload: Json) => KubeObject;

const overlays: Readonly<Record<string, Overlay>> = {
  pods: withStatus,
  'cronjobs.batch': withStatus,
  nodes: withStatus,
  'devices.devices.kubeedge.io': withTwins,
};

/**
 * Pure: what is shown under a key, from what is held and what this node has last said of it. A node knows
 * better than the cluster how its own pods and devices are; undefined when there is nothing (any more).
 */
export function compose(
  key: ObjectKey,
  known: Known | undefined,
  payload: Json | undefined,
): KubeObject | undefined {
  const { resource } = keyParts(key);
  if (resource === 'events') return payload === undefined ? undefined : eventOf(payload);
  if (resource === alertsResource) return alertOf(key, payload);
  if (valueAt(payload, 'gone') === true && isAbout(payload, known?.object)) return undefined;
  const object = known?.object ?? mirrorIn(payload);
  return object && marked(overlaid(resource, object, payload), known);
}

function overlaid(resource: string, object: KubeObject, payload: Json | undefined): KubeObject {
  const overlay = overlays[resource];
  if (!overlay || payload === undefined) return object;
  const speaks = valueAt(payload, 'mirror') !== undefined || isAbout(payload, object);
  return speaks ? overlay(object, payload) : object;
}

/** A payload without a uid is about whatever bears the name. */
function isAbout(payload: Json | undefined, object: KubeObject | undefined): boolean {
  const uid = uidIn(payload);
  return object === undefined || uid === undefined || uid === object.metadata.uid;
}

function withStatus(object: KubeObject, payload: Json): KubeObject {
  const said = objectAt(payload, 'status') ?? {};
  const before = objectAt(object, 'status') ?? {};
  const conditions = mergedBy('type', listAt(before, 'conditions'), listAt(said, 'conditions'));
  const status = { ...before, ...said, ...(conditions.length > 0 && { conditions }) };
  return { ...object, status };
}

function withTwins(object: KubeObject, payload: Json): KubeObject {
  const next = withStatus(object, payload);
  const twins = mergedBy(
    'propertyName',
    listAt(object, 'status', 'twins'),
    listAt(payload, 'status', 'twins'),
  );
  const wished = new Map(
    listAt(payload, 'desired').map((wish) => [textAt(wish, 'property'), valueAt(wish, 'value')]),
  );
  const properties = listAt(object, 'spec', 'properties').map((property): Json => {
    const value = wished.get(textAt(property, 'name'));
    if (value === undefined) return property;
    const desired = { ...objectAt(property, 'desired'), value };
    return { ...(property as JsonObject), desired };
  });
  return {
    ...next,
    ...(wished.size > 0 && { spec: { ...objectAt(object, 'spec'), properties } }),
    status: { ...objectAt(next, 'status'), ...(twins.length > 0 && { twins }) },
  };
}

/** Elements of `after` in place of those of `before` that bear the same name; order is kept. */
function mergedBy(name: string, before: readonly Json[], after: readonly Json[]): Json[] {
  const merged = new Map(before.map((each) => [textAt(each, name), each]));
  for (const each of after) merged.set(textAt(each, name), each);
  return [...merged.values()];
}

function marked(object: KubeObject, known: Known | undefined): KubeObject {
  if (!known) return object;
  const { cloudVersion, pending } = known;
  const marks = {
    ...(cloudVersion !== undefined && { [cloudVersionAnnotation]: cloudVersion }),
    ...(pending.length > 0 && { [pendingAnnotation]: pending.join(', ') }),
  };
  const { metadata } = object;
  const annotations = { ...metadata.annotations, ...marks };
  return {
    ...object,
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
  };
}

/** What shows a pod of a manifest of this node. */
function mirrorIn(payload: Json | undefined): KubeObject | undefined {
  const mirror = objectAt(payload, 'mirror') as KubeObject | undefined;
  return mirror && { ...mirror, metadata: { ...mirror.metadata, uid: uidIn(payload) ?? '' } };
}

/** What this node raises is the node's alone: no cluster sends it. */
function alertOf(key: ObjectKey, payload: Json | undefined): KubeObject | undefined {
  if (payload === undefined || valueAt(payload, 'gone') === true) return undefined;
  const { name } = keyParts(key);
  const spec = objectAt(payload, 'spec') ?? {};
  const status = objectAt(payload, 'status') ?? {};
  const node = textAt(spec, 'labels', 'node') ?? '';
  const creationTimestamp = textAt(status, 'startsAt') ?? '';
  return {
    ...{ apiVersion: 'edge.skerry.io/v1alpha1', kind: 'Alert' },
    metadata: { name, uid: idOf(name), creationTimestamp },
    ...{ spec: { ...spec, node, source: 'edge' }, status },
  };
}

/** Of what nobody else has given one. */
function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

function eventOf(payload: Json): KubeObject {
  const event = payload as KubeObject;
  const { namespace = '', name = '' } = event.metadata;
  const uid = idOf(`${namespace}/${name}`);
  const creationTimestamp = textAt(event, 'firstTimestamp') ?? '';
  return { ...event, metadata: { ...event.metadata, uid, creationTimestamp } };
}
