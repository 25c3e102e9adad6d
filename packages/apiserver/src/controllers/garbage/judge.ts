import type { Propagation } from '../../rest/delete-options.ts';
import { foregroundFinalizer, orphanFinalizer } from '../../rest/removal.ts';
import type { Claimable } from '../workload/claim.ts';

/** How an owner that an object names is. */
export type OwnerState =
  /** It is there, or nobody can say. */
  | 'solid'
  /** It is gone. */
  | 'dangling'
  /** It is being deleted and waits for its dependents to go first. */
  | 'waiting';

export interface Owned {
  readonly uid: string;
  readonly state: OwnerState;
}

/** What is to be done about an object that has owners. */
export type Verdict =
  | { readonly do: 'keep' }
  | { readonly do: 'forget-owners'; readonly uids: readonly string[] }
  | { readonly do: 'delete'; readonly propagation: Propagation };

/**
 * Pure: an object goes when the last of its owners is gone, or waits for it to go; while one is there, it
 * only forgets the others.
 *
 * @see https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents
 */
export function judgeDependent(
  { metadata }: Claimable,
  owners: readonly Owned[],
  hasBlockingDependents: boolean,
): Verdict {
  const isGoing = metadata.deletionTimestamp !== undefined;
  const solid = owners.filter(({ state }) => state === 'solid');
  const lost = owners.filter(({ state }) => state !== 'solid');
  if (lost.length === 0 || isGoing) return { do: 'keep' };
  if (solid.length > 0) return { do: 'forget-owners', uids: lost.map(({ uid }) => uid) };
  const isAwaited = lost.some(({ state }) => state === 'waiting');
  if (isAwaited && hasBlockingDependents) return { do: 'delete', propagation: 'Foreground' };
  return { do: 'delete', propagation: impliedBy(metadata.finalizers ?? []) };
}

function impliedBy(finalizers: readonly string[]): Propagation {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}

/** What a deleted owner still waits for. */
export type Parting = 'nothing' | 'orphans' | 'dependents';

/** Pure. */
export function partingOf({ metadata }: Claimable): Parting {
  const { deletionTimestamp, finalizers = [] } = metadata;
  if (deletionTimestamp === undefined) return 'nothing';
  if (finalizers.includes(orphanFinalizer)) return 'orphans';
  return finalizers.includes(foregroundFinalizer) ? 'dependents' : 'nothing';
}

/** Whether `dependent` keeps the owner with this uid from going. */
export function blocks({ metadata }: Claimable, owner: string): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ uid, blockOwnerDeletion }) => uid === owner && blockOwnerDeletion === true,
  );
}
