import type { StorageClass } from '../controllers/client/storage-kinds.ts';
import { defaultClass } from '../controllers/volumes/classes.ts';
import { claimProtection, volumeProtection } from '../controllers/volumes/marks.ts';
import { leavesClassOpen } from '../controllers/volumes/match.ts';
import type { Claim } from '../controllers/client/storage-kinds.ts';
import { ensureObject, fill } from '../defaults/fill.ts';
import { defaultPersistentVolume, defaultPersistentVolumeClaim } from '../defaults/storage.ts';
import type { KubeObject } from '../json.ts';
import type { KindRules } from './kind-rules.ts';

export const persistentVolumeRules: KindRules = {
  defaults: defaultPersistentVolume,
  create: (volume) => {
    startPending(volume);
    hold(volume, volumeProtection);
  },
  deletedAnswer: 'object',
};

/** @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class-1 */
export const persistentVolumeClaimRules: KindRules = {
  defaults: defaultPersistentVolumeClaim,
  create: (claim, { list }) => {
    startPending(claim);
    hold(claim, claimProtection);
    if (!leavesClassOpen(claim as Claim)) return;
    const classes = list('storageclasses.storage.k8s.io').map((held) => held.parse());
    const name = defaultClass(classes as StorageClass[])?.metadata.name;
    if (name !== undefined) ensureObject(claim, 'spec')['storageClassName'] = name;
  },
  deletedAnswer: 'object',
};

/** Until somebody binds it. */
function startPending(object: KubeObject): void {
  fill(ensureObject(object, 'status'), { phase: 'Pending' });
}

/** @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection */
function hold({ metadata }: KubeObject, finalizer: string): void {
  const held = metadata.finalizers ?? [];
  if (!held.includes(finalizer)) metadata.finalizers = [...held, finalizer];
}
