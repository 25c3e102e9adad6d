import { join } from 'node:path';
import { objectKey, resourceName } from '@skerry/shared/names';
import { readObject } from '../meta/object-reader.ts';
import type { NodeResources } from '../node/node-resources.ts';
import { Admissions, type AdmissionRoom } from './admissions.ts';
import { ImageUses } from './image-uses.ts';
import type { PodRecords } from './pod-records.ts';
import type { PodsParts } from './pods-parts.ts';

/** What pods may take of the node, and who has. */
export interface PodRoom {
  readonly resources: NodeResources;
  readonly admissions: Admissions;
  readonly imageUses: ImageUses;
}

const NODES = resourceName('nodes');

/** Undefined where nobody says what the node has. */
export async function openPodRoom(
  parts: PodsParts & { readonly records: PodRecords },
): Promise<PodRoom | undefined> {
  const { resources, objects, records, podsDir, clock } = parts;
  if (!resources) return undefined;
  const room = (): Promise<AdmissionRoom> => roomOf(parts, resources);
  return {
    resources,
    admissions: new Admissions({ objects, records, room }),
    imageUses: await ImageUses.open(join(podsDir, '..', 'images.json'), clock),
  };
}

async function roomOf(
  { node, objects, runtimes }: PodsParts,
  resources: NodeResources,
): Promise<AdmissionRoom> {
  const [{ allocatable, pieces }, held] = await Promise.all([
    resources.read(),
    readObject(objects, objectKey(NODES, '', node)),
  ]);
  const known = held as NodeObject | undefined;
  return {
    name: node,
    allocatable,
    pieces,
    labels: known && (known.metadata.labels ?? {}),
    runtimeClasses: new Set(runtimes.health().keys()),
    pressures: resources.pressures,
  };
}

interface NodeObject {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}
