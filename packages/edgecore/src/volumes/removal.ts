import { posix } from 'node:path';
import {
  localDataFinalizer,
  nodeOfLocalVolume,
  type LocalVolume,
} from '@skerry/shared/kube/local-volumes';

/** The fields of a PersistentVolume that decide whether what is in it goes. */
export interface EndingVolume extends LocalVolume {
  readonly metadata: LocalVolume['metadata'] & {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
  };
  readonly spec: {
    readonly nodeAffinity?: object;
    readonly local?: { readonly path?: string };
    readonly persistentVolumeReclaimPolicy?: string;
  };
  readonly status?: { readonly phase?: string };
}

export interface Keeper {
  readonly node: string;
  /** Absolute; only what is directly in it is ever removed. */
  readonly directory: string;
}

export type Removal =
  | { readonly do: 'nothing' }
  | { readonly do: 'remove'; readonly path: string }
  | { readonly do: 'refuse'; readonly why: string };

/**
 * Pure: whether this node is told to remove what is in a volume. It is only by the volume itself, which
 * says that it is being deleted, that its claim is gone and that its policy is Delete. That a volume is no
 * longer held here says nothing: what it holds stays.
 */
export function removalOf(volume: EndingVolume, { node, directory }: Keeper): Removal {
  if (nodeOfLocalVolume(volume) !== node || !isToGo(volume)) return { do: 'nothing' };
  const { metadata, spec } = volume;
  const path = spec.local?.path ?? '';
  const isOwn =
    posix.normalize(path) === path &&
    posix.dirname(path) === directory &&
    posix.basename(path).startsWith(`${metadata.name}_`);
  if (isOwn) return { do: 'remove', path };
  return { do: 'refuse', why: `${path} is no directory of ${metadata.name} in ${directory}` };
}

function isToGo({ metadata, spec, status }: EndingVolume): boolean {
  const { deletionTimestamp, finalizers = [] } = metadata;
  return (
    deletionTimestamp !== undefined &&
    finalizers.includes(localDataFinalizer) &&
    spec.persistentVolumeReclaimPolicy === 'Delete' &&
    status?.phase !== 'Bound'
  );
}
