import { selects } from '@skerry/shared/kube/label-selector';
import { matchesTerm, type LabeledNode } from '@skerry/shared/kube/node-selector';
import { parseQuantity } from '@skerry/shared/kube/quantity';
import type { KubeObject } from '../../json.ts';
import type { Claim, Sizes, Volume } from '../client/storage-kinds.ts';

/** How classes were named before they had a field. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

export interface Matching {
  /** The claim waits for a pod, so that of the volumes only one that was bound to it before will do. */
  readonly delayed?: boolean;
  /** Where it will be used, once that is known. */
  readonly node?: LabeledNode;
  /** Names of volumes that are spoken for. */
  readonly taken?: ReadonlySet<string>;
}

/**
 * Pure: the volume that a claim is given. One that was bound to it before goes first; then the one with the
 * fewest ways to be mounted beyond those asked for, then the smallest that is large enough, then the
 * first by name.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
 */
export function matchingVolume(
  claim: Claim,
  volumes: readonly Volume[],
  { delayed = false, node, taken = new Set() }: Matching = {},
): Volume | undefined {
  const usable = volumes.filter(
    (volume) =>
      volume.metadata.deletionTimestamp === undefined &&
      !taken.has(volume.metadata.name) &&
      misfit(claim, volume) !== 'requested PV is too small' &&
      modeOf(claim) === modeOf(volume),
  );
  const own = usable.find((volume) => isBoundTo(volume, claim));
  if (own) return node === undefined || isReachable(own, node) ? own : undefined;
  if (delayed && node === undefined) return undefined;
  const isMeant = selects(claim.spec.selector ?? {});
  return usable
    .filter(
      (volume) =>
        volume.spec.claimRef === undefined &&
        volume.status?.phase === 'Available' &&
        misfit(claim, volume) === undefined &&
        isMeant(volume.metadata.labels ?? {}) &&
        (node === undefined || isReachable(volume, node)),
    )
    .toSorted(bySparseness)[0];
}

/** Why a claim cannot be bound to the very volume that it names; undefined when it can. */
export function misfit(claim: Claim, volume: Volume): string | undefined {
  if (bytesOf(volume.spec.capacity) < bytesOf(claim.spec.resources?.requests))
    return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if (modeOf(volume) !== modeOf(claim)) return 'incompatible volumeMode';
  const modes = volume.spec.accessModes ?? [];
  const lacks = (claim.spec.accessModes ?? []).some((mode) => !modes.includes(mode));
  return lacks ? 'incompatible accessMode' : undefined;
}

/** Whether the volume says that it is the claim's: by name, and by uid where it states one. */
export function isBoundTo({ spec }: Volume, { metadata }: Claim): boolean {
  const { name, namespace, uid = '' } = spec.claimRef ?? {};
  return (
    name === metadata.name &&
    namespace === metadata.namespace &&
    (uid === '' || uid === metadata.uid)
  );
}

/** The class of a claim or a volume; empty: none. */
export function classOf({
  metadata,
  spec,
}: KubeObject & { spec: { storageClassName?: string } }): string {
  return metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? '';
}

/** Whether a claim leaves the choice of its class to the cluster. */
export function leavesClassOpen({ metadata, spec }: Claim): boolean {
  return (
    metadata.annotations?.[classAnnotation] === undefined && spec.storageClassName === undefined
  );
}

/** Whether a volume can be used on a node. */
export function isReachable({ spec }: Volume, node: LabeledNode): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => matchesTerm(term, node));
}

function modeOf({ spec }: { spec: { volumeMode?: string } }): string {
  return spec.volumeMode ?? 'Filesystem';
}

function bytesOf(sizes: Sizes | undefined): bigint {
  return parseQuantity(sizes?.storage ?? '0')?.nanos ?? 0n;
}

function bySparseness(one: Volume, other: Volume): number {
  const modes = (one.spec.accessModes ?? []).length - (other.spec.accessModes ?? []).length;
  if (modes !== 0) return modes;
  const [bytes, others] = [bytesOf(one.spec.capacity), bytesOf(other.spec.capacity)];
  if (bytes !== others) return bytes < others ? -1 : 1;
  return one.metadata.name < other.metadata.name ? -1 : 1;
}
