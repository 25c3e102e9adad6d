import {
  localDataFinalizer,
  localProvisioner,
  nodeOfLocalVolume,
  provisionedBy,
} from '@skerry/shared/kube/local-volumes';
import type { News } from '../client/event-recorder.ts';
import type { Claim, Volume, VolumePhase } from '../client/storage-kinds.ts';
import { boundByController, markOf, volumeProtection } from './marks.ts';

export interface VolumeScene {
  readonly volume: Volume;
  /** Of the name that the volume has been promised to. */
  readonly claim: Claim | undefined;
  readonly hasNode: (name: string) => boolean;
}

export type VolumeStep =
  | { readonly do: 'phase'; readonly phase: VolumePhase; readonly message?: string }
  | { readonly do: 'delete' }
  /** The claim that it was promised to has another. */
  | { readonly do: 'unbind'; readonly keepsName: boolean }
  | { readonly do: 'release'; readonly finalizers: readonly string[] }
  | ({ readonly do: 'tell' } & News);

/**
 * Pure: what is to be done about a volume.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
 */
export function planVolume(scene: VolumeScene): readonly VolumeStep[] {
  const { volume, claim } = scene;
  const { uid = '' } = volume.spec.claimRef ?? {};
  if (uid === '') return [...toPhase(volume, 'Available'), ...planEnd(scene)];
  if (claim?.metadata.uid !== uid) return [...planReleased(volume), ...planEnd(scene)];
  return planPromised(scene, claim.spec.volumeName ?? '');
}

/** The claim is there, and has this volume, another or none yet. */
function planPromised(scene: VolumeScene, has: string): VolumeStep[] {
  const { volume } = scene;
  if (has === '') return planEnd(scene);
  if (has === volume.metadata.name) return toPhase(volume, 'Bound');
  return isMade(volume) && policyOf(volume) === 'Delete'
    ? planReleased(volume)
    : [{ do: 'unbind', keepsName: markOf(volume, boundByController) === undefined }];
}

/** What is in it is nobody's any longer; its policy says what becomes of it. */
function planReleased(volume: Volume): VolumeStep[] {
  const { phase } = volume.status ?? {};
  if (phase === 'Failed') return [];
  const released = toPhase(volume, 'Released');
  if (volume.metadata.deletionTimestamp !== undefined) return released;
  return [...released, ...reclaim(volume)];
}

function reclaim(volume: Volume): VolumeStep[] {
  switch (policyOf(volume)) {
    case 'Delete':
      if (markOf(volume, provisionedBy) === localProvisioner) return [{ do: 'delete' }];
      return isMade(volume) ? [] : failed(volume, 'VolumeFailedDelete', noDeleter(volume));
    case 'Recycle':
      return failed(volume, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!');
    default:
      return [];
  }
}

function noDeleter({ metadata }: Volume): string {
  return `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched`;
}

function failed(volume: Volume, reason: string, message: string): VolumeStep[] {
  return [...toPhase(volume, 'Failed', message), { do: 'tell', type: 'Warning', reason, message }];
}

/**
 * A deleted volume stays until no claim has it and, when what is in it is to go as well, until its node
 * has removed that, unless there is no such node any more.
 */
function planEnd({ volume, hasNode }: VolumeScene): VolumeStep[] {
  if (volume.metadata.deletionTimestamp === undefined) return [];
  const node = nodeOfLocalVolume(volume) ?? '';
  const isEmptied = policyOf(volume) === 'Delete';
  const waits = isEmptied && hasNode(node);
  const finalizers = (volume.metadata.finalizers ?? []).filter((one) =>
    one === localDataFinalizer ? !waits : one === volumeProtection,
  );
  if (finalizers.length === 0) return [];
  const release: VolumeStep = { do: 'release', finalizers };
  if (!isEmptied || !finalizers.includes(localDataFinalizer)) return [release];
  const message = `node "${node}" is gone: what it has of the volume stays there`;
  return [{ do: 'tell', type: 'Warning', reason: 'VolumeFailedDelete', message }, release];
}

function toPhase(volume: Volume, phase: VolumePhase, message?: string): VolumeStep[] {
  if (volume.status?.phase === phase) return [];
  return [{ do: 'phase', phase, ...(message === undefined ? {} : { message }) }];
}

function policyOf({ spec }: Volume): string {
  return spec.persistentVolumeReclaimPolicy ?? 'Retain';
}

/** By a provisioner, whichever. */
function isMade(volume: Volume): boolean {
  return markOf(volume, provisionedBy) !== undefined;
}
