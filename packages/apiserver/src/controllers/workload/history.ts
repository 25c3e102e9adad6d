import { sameJson, type JsonObject, type KubeObject } from '../../json.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import {
  controllerReference,
  controllerRevisions,
  type ControllerRevision,
  type KindOf,
} from '../client/kinds.ts';
import type { LabelSelector, Meta, PodTemplate } from '../client/objects.ts';
import { claim } from './claim.ts';
import { templateHash } from './hash.ts';

export const revisionHashLabel = 'controller-revision-hash';

/** A set that keeps the templates it had as ControllerRevisions. */
export interface Historied extends KubeObject {
  metadata: Meta;
  spec: { selector: LabelSelector; template: PodTemplate; revisionHistoryLimit?: number };
}

export interface History {
  /** Of the template that the set has now. */
  readonly newest: ControllerRevision;
  /** All, oldest first. */
  readonly all: readonly ControllerRevision[];
}

/** What a revision holds: a strategic merge patch that brings the template back. */
export function revisionData({ spec }: Historied): JsonObject {
  return { spec: { template: { ...spec.template, $patch: 'replace' } } };
}

/** The history of a set, with its present template noted as the newest. */
export async function keepHistory<T extends Historied>(
  client: ClusterClient,
  kind: KindOf<T>,
  set: T,
): Promise<History> {
  const claimer = { kind, owner: set, selector: set.spec.selector };
  const known = (await claim(client, controllerRevisions, claimer)).toSorted(byRevision);
  const data = revisionData(set);
  const equal = known.find((one) => sameJson(one.data, data));
  const last = known.at(-1);
  if (equal && equal === last) return { newest: equal, all: known };
  const revision = (last?.revision ?? 0) + 1;
  const newest = equal
    ? await renumber(client, equal, revision)
    : await note(client, kind, set, revision);
  return { newest, all: [...known.filter((one) => one !== equal), newest] };
}

/** Forgets the oldest templates beyond the limit that no pod has. */
export async function trimHistory(
  client: ClusterClient,
  { all }: History,
  limit: number | undefined,
  live: ReadonlySet<string>,
): Promise<void> {
  const idle = all.filter(({ metadata }) => !live.has(metadata.name));
  for (const { metadata } of idle.slice(0, Math.max(0, idle.length - (limit ?? 10))))
    await client.delete(controllerRevisions, metadata, { uid: metadata.uid });
}

export function hashOf({ metadata }: ControllerRevision): string {
  return metadata.labels?.[revisionHashLabel] ?? '';
}

async function renumber(
  client: ClusterClient,
  known: ControllerRevision,
  revision: number,
): Promise<ControllerRevision> {
  const renumbered = await client.update(controllerRevisions, known.metadata, (one) => ({
    ...one,
    revision,
  }));
  return renumbered ?? { ...known, revision };
}

async function note(
  client: ClusterClient,
  kind: KindOf<Historied>,
  set: Historied,
  revision: number,
): Promise<ControllerRevision> {
  const { name, namespace, annotations = {} } = set.metadata;
  const data = revisionData(set);
  const hash = freeHash(client, set, data);
  const { ['kubectl.kubernetes.io/last-applied-configuration']: _applied, ...kept } = annotations;
  return client.create(controllerRevisions, namespace, {
    metadata: {
      name: `${name}-${hash}`,
      labels: { ...set.spec.template.metadata?.labels, [revisionHashLabel]: hash },
      ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }),
      ownerReferences: [controllerReference(kind, set)],
    },
    data,
    revision,
  });
}

/** One that no other revision's name has. */
function freeHash(client: ClusterClient, { metadata }: Historied, data: JsonObject): string {
  const { name, namespace } = metadata;
  for (let collisions = 0; ; collisions++) {
    const hash = templateHash(data, collisions);
    const place = { namespace, name: `${name}-${hash}` };
    if (!client.get(controllerRevisions, place)) return hash;
  }
}

function byRevision(one: ControllerRevision, other: ControllerRevision): number {
  return one.revision - other.revision;
}
