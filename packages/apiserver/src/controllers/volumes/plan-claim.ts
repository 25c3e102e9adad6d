import type { News } from '../client/event-recorder.ts';
import type { Pod } from '../client/objects.ts';
import type { Claim, ClaimPhase, StorageClass, Volume } from '../client/storage-kinds.ts';
import { hasEnded } from '../workload/pod-state.ts';
import { defaultClass, waitsForConsumer } from './classes.ts';
import { bindCompleted, boundByController, markOf, selectedNode } from './marks.ts';
import { classOf, isBoundTo, leavesClassOpen, matchingVolume, misfit } from './match.ts';

export interface ClaimScene {
  readonly claim: Claim;
  readonly volumes: readonly Volume[];
  readonly classes: readonly StorageClass[];
  /** Pods that mount it. */
  readonly users: readonly Pod[];
}

export type ClaimStep =
  | { readonly do: 'bind'; readonly volume: Volume }
  | { readonly do: 'phase'; readonly phase: ClaimPhase }
  | { readonly do: 'class'; readonly name: string }
  | { readonly do: 'provision'; readonly kind: StorageClass }
  /** Nothing uses a deleted claim any longer. */
  | { readonly do: 'release' }
  | ({ readonly do: 'tell' } & News);

const pending: ClaimStep = { do: 'phase', phase: 'Pending' };

/**
 * Pure: what is to be done about a claim.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim
 */
export function planClaim(scene: ClaimScene): readonly ClaimStep[] {
  const { claim, users } = scene;
  if (claim.metadata.deletionTimestamp !== undefined)
    return users.some(({ spec }) => (spec.nodeName ?? '') !== '') ? [] : [{ do: 'release' }];
  if (markOf(claim, bindCompleted) !== undefined) return planBound(scene);
  return (claim.spec.volumeName ?? '') === '' ? planOpen(scene) : planNamed(scene);
}

function planBound({ claim, volumes }: ClaimScene): ClaimStep[] {
  const name = claim.spec.volumeName ?? '';
  if (name === '')
    return lost(
      'ClaimLost',
      'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
    );
  const volume = volumes.find(({ metadata }) => metadata.name === name);
  if (!volume)
    return lost(
      'ClaimLost',
      'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    );
  if (volume.spec.claimRef === undefined || isBoundTo(volume, claim))
    return [{ do: 'bind', volume }];
  return lost(
    'ClaimMisbound',
    'Two claims are bound to the same volume, this one is bound incorrectly',
  );

  function lost(reason: string, message: string): ClaimStep[] {
    if (claim.status?.phase === 'Lost') return [];
    return [{ do: 'phase', phase: 'Lost' }, warning(reason, message)];
  }
}

/** The claim says which volume it wants. */
function planNamed({ claim, volumes }: ClaimScene): ClaimStep[] {
  const name = claim.spec.volumeName ?? '';
  const volume = volumes.find(({ metadata }) => metadata.name === name);
  if (!volume) return [pending];
  if (isBoundTo(volume, claim)) return [{ do: 'bind', volume }];
  if (volume.spec.claimRef !== undefined)
    return markOf(claim, boundByController) === undefined
      ? [warning('FailedBinding', `volume "${name}" already bound to a different claim.`), pending]
      : [pending];
  const why = misfit(claim, volume);
  if (why === undefined) return [{ do: 'bind', volume }];
  return [warning('VolumeMismatch', `Cannot bind to requested volume "${name}": ${why}`), pending];
}

/** Any volume that fits will do or, when there is none, a new one. */
function planOpen({ claim, volumes, classes, users }: ClaimScene): ClaimStep[] {
  const named = classOf(claim);
  const kind = classes.find(({ metadata }) => metadata.name === named);
  const delayed = waitsForConsumer(kind);
  const volume = matchingVolume(claim, volumes, { delayed });
  if (volume) return [{ do: 'bind', volume }];
  const byDefault = leavesClassOpen(claim) ? defaultClass(classes) : undefined;
  if (byDefault) return [{ do: 'class', name: byDefault.metadata.name }];
  if (delayed && markOf(claim, selectedNode) === undefined) return [unconsumed(users), pending];
  if (named === '')
    return [
      normal(
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      ),
      pending,
    ];
  if (!kind)
    return [
      warning('ProvisioningFailed', `storageclass.storage.k8s.io "${named}" not found`),
      pending,
    ];
  return [{ do: 'provision', kind }, pending];
}

function unconsumed(users: readonly Pod[]): ClaimStep {
  const waiting = users
    .filter((pod) => !hasEnded(pod) && (pod.spec.nodeName ?? '') === '')
    .map(({ metadata }) => metadata.name);
  if (waiting.length === 0)
    return normal(
      'WaitForFirstConsumer',
      'waiting for first consumer to be created before binding',
    );
  const pods = `${waiting.length > 1 ? 'pods' : 'pod'} ${waiting.join(',')}`;
  return normal('WaitForPodScheduled', `waiting for ${pods} to be scheduled`);
}

function normal(reason: string, message: string): ClaimStep {
  return { do: 'tell', type: 'Normal', reason, message };
}

function warning(reason: string, message: string): ClaimStep {
  return { do: 'tell', type: 'Warning', reason, message };
}
