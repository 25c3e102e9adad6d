import { objectKey, resourceName, type ObjectKey, type ResourceName } from '@skerry/shared/names';
import { readObject, type ObjectReader } from '../../meta/object-reader.ts';
import type { PodObject } from '../pod.ts';
import { PodUnfit } from '../pod-errors.ts';
import type { ClaimObject, NodeSelectorTerm, VolumeObject } from './volume.ts';

export const CLAIMS: ResourceName = resourceName('persistentvolumeclaims');
export const VOLUMES: ResourceName = resourceName('persistentvolumes');
const HOSTNAME = 'kubernetes.io/hostname';

/** A claim as far as this node holds it, with the volume that it is bound to. */
export interface HeldClaim {
  readonly claim?: ClaimObject | undefined;
  readonly volume?: VolumeObject | undefined;
}

/** By the name of the claim, which is in the pod's namespace. */
export type HeldClaims = ReadonlyMap<string, HeldClaim>;

export function claimKey(namespace: string, name: string): ObjectKey {
  return objectKey(CLAIMS, namespace, name);
}

/** Reads the claims that the pod's volumes name, and what they are bound to. */
export async function readClaims(
  objects: ObjectReader,
  { metadata, spec }: PodObject,
): Promise<HeldClaims> {
  const names = (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName] : [],
  );
  const found = names.map(
    async (name) => [name, await readClaim(objects, claimKey(metadata.namespace, name))] as const,
  );
  return new Map(await Promise.all(found));
}

async function readClaim(objects: ObjectReader, key: ObjectKey): Promise<HeldClaim> {
  const claim = (await readObject(objects, key)) as ClaimObject | undefined;
  const name = claim?.spec?.volumeName ?? '';
  if (name === '') return { claim };
  const volume = await readObject(objects, objectKey(VOLUMES, '', name));
  return { claim, volume: volume as VolumeObject | undefined };
}

/**
 * The volume that a pod's claim stands for. Throws PodUnfit as long as there is none, or none that
 * this node may use.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/
 */
export function claimedVolume(
  name: string,
  { claim, volume }: HeldClaim,
  pod: PodObject,
  nodeName: string,
): VolumeObject {
  const { namespace } = pod.metadata;
  if (!claim) throw new PodUnfit(`persistentvolumeclaim "${name}" not found`);
  if (claim.status?.phase !== 'Bound' || !claim.spec?.volumeName)
    throw new PodUnfit(`PVC ${namespace}/${name} is not bound`);
  if (!volume) throw new PodUnfit(`persistentvolume "${claim.spec.volumeName}" not found`);
  checkUse(volume, claim, `${namespace}/${name}`, nodeName);
  return volume;
}

function checkUse(
  volume: VolumeObject,
  { metadata }: ClaimObject,
  claimName: string,
  nodeName: string,
): void {
  if (volume.spec.claimRef?.uid !== metadata.uid)
    throw new PodUnfit(`PV ${volume.metadata.name} is not bound to PVC ${claimName}`);
  if (volume.spec.volumeMode === 'Block')
    throw new PodUnfit(`PV ${volume.metadata.name} has volumeMode Block, unknown to this node`);
  if (!mayBeUsedOn(nodeName, volume))
    throw new PodUnfit(`PV ${volume.metadata.name} is not of this node: its nodeAffinity says so`);
}

/** One term is enough. Labels other than the host's name are the scheduler's business. */
function mayBeUsedOn(nodeName: string, { spec }: VolumeObject): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.length === 0 || terms.some((term) => allows(term, nodeName));
}

function allows({ matchExpressions = [] }: NodeSelectorTerm, nodeName: string): boolean {
  return matchExpressions.every(({ key, operator, values = [] }) => {
    if (key !== HOSTNAME) return true;
    if (operator === 'In') return values.includes(nodeName);
    return operator !== 'NotIn' || !values.includes(nodeName);
  });
}
