import { posix } from 'node:path';
import {
  localDataFinalizer,
  localDirectoryName,
  localProvisioner,
  onlyOn,
  provisionedBy,
  volumesDirectoryAnnotation,
} from '@skerry/shared/kube/local-volumes';
import type { JsonObject } from '../../json.ts';
import type { Node } from '../client/objects.ts';
import { claims, type Claim, type StorageClass } from '../client/storage-kinds.ts';

/** Ways to be mounted that a directory of one machine has. */
const supportedModes = ['ReadWriteOnce', 'ReadWriteOncePod'];

export type Provisioned =
  | { readonly do: 'make'; readonly volume: JsonObject }
  | { readonly do: 'fail'; readonly why: string };

/**
 * Pure: the volume for a claim on the node of its first pod, or why there can be none. It is a directory
 * of its own in the one that the node says it keeps for volumes.
 */
export function localVolume(claim: Claim, kind: StorageClass, node: Node | undefined): Provisioned {
  if (!node)
    return {
      do: 'fail',
      why: 'no node was specified: the class needs volumeBindingMode: WaitForFirstConsumer',
    };
  const directory = volumesDirectoryOf(node);
  const why = oddity(claim) ?? (directory === undefined ? noDirectory(node) : undefined);
  if (why !== undefined) return { do: 'fail', why };
  return { do: 'make', volume: volumeIn(directory ?? '', claim, kind, node) };
}

/** Where a node keeps volumes; undefined for one that keeps none. */
export function volumesDirectoryOf({ metadata }: Pick<Node, 'metadata'>): string | undefined {
  const directory = metadata.annotations?.[volumesDirectoryAnnotation] ?? '';
  const isPath = posix.isAbsolute(directory) && posix.normalize(directory) === directory;
  return isPath ? directory : undefined;
}

function noDirectory({ metadata }: Node): string {
  return `node "${metadata.name}" keeps no volumes: it has no annotation ${volumesDirectoryAnnotation}`;
}

function volumeIn(directory: string, claim: Claim, kind: StorageClass, node: Node): JsonObject {
  const { name, namespace, uid, resourceVersion = '' } = claim.metadata;
  const volume = volumeName(claim);
  const { apiVersion, kind: ofKind } = claims;
  const spec = {
    accessModes: claim.spec.accessModes ?? [],
    capacity: { storage: claim.spec.resources?.requests?.storage ?? '0' },
    claimRef: { apiVersion, kind: ofKind, namespace, name, uid, resourceVersion },
    local: { path: posix.join(directory, localDirectoryName(volume, namespace, name)) },
    nodeAffinity: onlyOn(node.metadata.name),
    persistentVolumeReclaimPolicy: kind.reclaimPolicy ?? 'Delete',
    storageClassName: kind.metadata.name,
    volumeMode: 'Filesystem',
  };
  const annotations = { [provisionedBy]: localProvisioner };
  return { metadata: { name: volume, annotations, finalizers: [localDataFinalizer] }, spec };
}

/** As provisioners name volumes: no claim has the name of another for ever. */
export function volumeName({ metadata }: Claim): string {
  return `pvc-${metadata.uid}`;
}

/** What a claim asks for that no directory has. */
function oddity({ spec }: Claim): string | undefined {
  const odd = (spec.accessModes ?? []).find((mode) => !supportedModes.includes(mode));
  if (odd !== undefined)
    return `access mode ${odd} is not supported: a directory of one node can be ${supportedModes.join(' or ')}`;
  if (spec.volumeMode === 'Block') return 'volumeMode Block is not supported';
  if (spec.selector !== undefined) return 'claim Selector is not supported';
  return (spec.dataSource ?? spec.dataSourceRef) === undefined
    ? undefined
    : 'a dataSource is not supported';
}
