import type { KubeObject } from '../../json.ts';

/** The claim has its volume, and keeps it whatever becomes of either. */
export const bindCompleted = 'pv.kubernetes.io/bind-completed';
/** That these two belong together was decided here, not by a person. */
export const boundByController = 'pv.kubernetes.io/bound-by-controller';
/** The node that the scheduler has chosen for the first pod. */
export const selectedNode = 'volume.kubernetes.io/selected-node';
/** Who is to make the claim's volume, under its two names. */
export const storageProvisioner: readonly string[] = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
];
/** Keeps a deleted claim until no pod uses it. */
export const claimProtection = 'kubernetes.io/pvc-protection';
/** Keeps a deleted volume until no claim has it. */
export const volumeProtection = 'kubernetes.io/pv-protection';

export function markOf({ metadata }: KubeObject, name: string): string | undefined {
  return metadata.annotations?.[name];
}
