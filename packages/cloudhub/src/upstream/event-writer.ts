import { keyParts, objectKey, type NodeName, type ObjectKey } from '@skerry/shared/names';
import { at, field, text } from '../kube/json-read.ts';
import type { KubeWriter } from '../kube/kube-api.ts';
import { AlreadyExists, NotFound } from '../kube/kube-errors.ts';
import {
  configMaps,
  cronJobs,
  devices,
  events,
  nodes,
  pods,
  type ResourceType,
} from '../kube/resource.ts';
import { isFields, type Fields } from './merge-diff.ts';
import { accepted, forbidden, malformed, type ReportWriter } from './report-writer.ts';

/** What the event writer asks about placement. */
export interface Placements {
  find(key: ObjectKey): unknown;
  isPlaced(node: NodeName, key: ObjectKey): boolean;
}

/** Kinds of objects that a node may tell events about. */
const tellable: ReadonlyMap<string, ResourceType> = new Map(
  [pods, nodes, devices, cronJobs, configMaps].map((type) => [type.kind, type]),
);

/**
 * Creates the Events that a node tells: v1 Event objects. One that exists already was told before; if
 * it has happened again since, its count and its last time are brought up to date. Names of Events begin
 * with what they are about, so that no node counts for another.
 *
 * Refuses events about what is not placed on the node. An object that no longer exists may still be
 * told about: a pod's last events come after its end.
 */
export function eventWriter(api: KubeWriter, placement: Placements): ReportWriter {
  return async ({ node, key, payload }, signal) => {
    const { namespace, name } = keyParts(key);
    const about = isFields(payload) ? involvedObject(payload) : undefined;
    if (!isFields(payload) || !about) return malformed(key, 'needs an involvedObject of its node');
    if (about.resource !== nodes && about.namespace !== namespace)
      return malformed(key, 'is in another namespace than its involvedObject');
    if (!mayTell(placement, node, about)) return forbidden(node, key);
    const event = { ...payload, apiVersion: 'v1', kind: 'Event', metadata: { name, namespace } };
    try {
      await api.create(events, namespace, event, signal);
    } catch (error) {
      if (!(error instanceof AlreadyExists)) throw error;
      if (name.startsWith(`${about.name}.`)) await recount(api, key, payload, signal);
    }
    return accepted;
  };
}

/** Nobody misses the count of an Event that has expired meanwhile. */
async function recount(
  api: KubeWriter,
  key: ObjectKey,
  { count, lastTimestamp }: Fields,
  signal: AbortSignal,
): Promise<void> {
  if (typeof count !== 'number' || count <= 1) return;
  try {
    await api.patch(events, key, { kind: 'merge', body: { count, lastTimestamp } }, signal);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}

interface Involved {
  readonly resource: ResourceType;
  readonly namespace: string;
  readonly name: string;
}

function involvedObject(event: Fields): Involved | undefined {
  const resource = tellable.get(text(at(event, 'involvedObject', 'kind')) ?? '');
  const name = text(at(event, 'involvedObject', 'name'));
  const namespace = text(field(event['involvedObject'], 'namespace')) ?? '';
  return resource && name !== undefined && !`${namespace}${name}`.includes('/')
    ? { resource, namespace, name }
    : undefined;
}

function mayTell(placement: Placements, node: NodeName, about: Involved): boolean {
  if (about.resource === nodes) return about.name === (node as string);
  const key = objectKey(about.resource.name, about.namespace, about.name);
  return placement.isPlaced(node, key) || placement.find(key) === undefined;
}
