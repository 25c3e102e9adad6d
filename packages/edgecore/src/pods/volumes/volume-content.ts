import { createHash } from 'node:crypto';
import { nodeOfLocalVolume } from '@skerry/shared/kube/local-volumes';
import type { Sources } from '../env.ts';
import type { PodSpec } from '../pod.ts';
import { PodUnfit } from '../pod-errors.ts';
import { bytesOf } from '../resources.ts';
import { claimedVolume } from './claims.ts';
import { filesOf, type VolumeFile } from './file-sources.ts';
import type { Ownership } from './ownership.ts';
import type { EmptyDirSource, HostPathSource, NfsSource, Volume } from './volume.ts';

interface Named {
  /** The volume's in the pod. */
  readonly name: string;
}

/** What a volume is to be on this node. */
export type VolumeContent =
  /** Files that follow what they are made of. */
  | (Named & {
      readonly type: 'files';
      readonly files: readonly VolumeFile[];
      /** To whom its directories belong. */
      readonly gid?: number | undefined;
    })
  /** A directory of the pod's own. */
  | (Named & { readonly type: 'directory'; readonly ownership?: Ownership | undefined })
  /** The same in memory, gone with the machine's next boot. */
  | (Named & {
      readonly type: 'memory';
      readonly sizeBytes?: number | undefined;
      readonly ownership?: Ownership | undefined;
    })
  /** Something of the host's, which must be, or is made to be, what `expected` says. */
  | (Named & {
      readonly type: 'host';
      readonly path: string;
      readonly expected: string;
      /** Made here, for whatever user the pod's containers are. */
      readonly isShared?: boolean;
      readonly readOnly: boolean;
      readonly ownership?: Ownership | undefined;
    })
  /** A directory of a server's. */
  | (Named & {
      readonly type: 'nfs';
      readonly source: string;
      readonly options: readonly string[];
      readonly readOnly: boolean;
    });

/**
 * What a volume of a pod holds, made of what the node holds. Throws PodUnfit when something that is
 * not optional is missing, or the kind of volume is not known here.
 *
 * @see https://kubernetes.io/docs/concepts/storage/volumes/
 */
export function volumeContent(volume: Volume, sources: Sources): VolumeContent {
  const { name, emptyDir, hostPath, nfs, persistentVolumeClaim: claim } = volume;
  const { spec } = sources.pod;
  if (emptyDir) return emptyContent(name, emptyDir, spec);
  if (hostPath) return hostContent(name, hostPath, false);
  if (nfs) return nfsContent(name, nfs);
  if (claim) return claimContent(name, claim.claimName, claim.readOnly ?? false, sources);
  const files = filesOf(volume, sources);
  if (!files) throw unknownKind(`volume ${JSON.stringify(name)}`);
  return { type: 'files', name, files, gid: spec.securityContext?.fsGroup };
}

function emptyContent(name: string, source: EmptyDirSource, spec: PodSpec): VolumeContent {
  const { medium = '', sizeLimit } = source;
  const ownership = ownershipOf(spec, true);
  if (medium === '') return { type: 'directory', name, ownership };
  if (medium !== 'Memory')
    throw new PodUnfit(`storage medium ${JSON.stringify(medium)} is unknown to this node`);
  return { type: 'memory', name, sizeBytes: bytesOf(sizeLimit) || undefined, ownership };
}

function hostContent(
  name: string,
  { path, type = '' }: HostPathSource,
  readOnly: boolean,
): VolumeContent {
  return { type: 'host', name, path, expected: type, readOnly };
}

function nfsContent(
  name: string,
  { server, path, readOnly = false }: NfsSource,
  options: readonly string[] = [],
): VolumeContent {
  const source = `${server}:${path}`;
  return {
    type: 'nfs',
    name,
    source,
    options: readOnly ? [...options, 'ro'] : options,
    readOnly,
  };
}

function claimContent(
  name: string,
  claimName: string,
  readOnly: boolean,
  { pod, claims, surroundings }: Sources,
): VolumeContent {
  const held = claims?.get(claimName) ?? {};
  const volume = claimedVolume(claimName, held, pod, surroundings.nodeName);
  const { metadata, spec } = volume;
  const { local, hostPath, nfs, mountOptions } = spec;
  if (nfs) {
    const mayWrite = readOnly ? { ...nfs, readOnly } : nfs;
    return nfsContent(name, mayWrite, mountOptions);
  }
  if (hostPath) return hostContent(name, hostPath, readOnly);
  if (!local) throw unknownKind(`persistent volume ${metadata.name}`);
  const ownership = readOnly ? undefined : ownershipOf(pod.spec, false);
  const content = { type: 'host', name, path: local.path, readOnly, ownership } as const;
  return nodeOfLocalVolume(volume) === undefined
    ? { ...content, expected: 'Directory' }
    : { ...content, expected: 'DirectoryOrCreate', isShared: true };
}

/** What the pod makes itself is the group's from the start, so its top tells. */
function ownershipOf({ securityContext }: PodSpec, isOwn: boolean): Ownership | undefined {
  const { fsGroup: gid, fsGroupChangePolicy } = securityContext ?? {};
  if (gid === undefined) return undefined;
  return { gid, onlyOnMismatch: isOwn || fsGroupChangePolicy === 'OnRootMismatch' };
}

function unknownKind(what: string): PodUnfit {
  return new PodUnfit(`${what} is of a kind unknown to this node`);
}

/** Changes whenever a file, its mode, its owner or its content does. */
export function digestOf(contents: readonly VolumeContent[]): string {
  const hash = createHash('sha256');
  for (const content of contents) {
    if (content.type !== 'files') {
      hash.update(JSON.stringify(content));
      continue;
    }
    const { type, name, gid } = content;
    hash.update(JSON.stringify({ type, name, gid }));
    for (const { bytes, ...file } of content.files)
      hash.update(JSON.stringify({ ...file, length: bytes.length })).update(bytes);
  }
  return hash.digest('hex');
}
