import type { KubeObject } from '../json.ts';
import { ensureObject, fill } from './fill.ts';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-v1/ */
export function defaultPersistentVolume(volume: KubeObject): void {
  fill(ensureObject(volume, 'spec'), {
    persistentVolumeReclaimPolicy: 'Retain',
    volumeMode: 'Filesystem',
  });
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/ */
export function defaultPersistentVolumeClaim(claim: KubeObject): void {
  fill(ensureObject(claim, 'spec'), { volumeMode: 'Filesystem' });
}
