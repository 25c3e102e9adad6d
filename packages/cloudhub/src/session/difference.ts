import type { Change, HeldVersion } from '@skerry/shared/change';
import {
  keyParts,
  type NodeName,
  type ObjectKey,
  type ResourceName,
  type Version,
} from '@skerry/shared/names';
import type { News } from '../route/delivery.ts';
import { laneOfMissing } from '../route/lanes.ts';

/** The cluster, as far as the hub has seen it. */
export interface Needs {
  /** What a node should hold, at the objects' own versions. */
  needs(node: NodeName): Iterable<Change>;
  /** An object of the cluster, whether or not a node needs it. */
  find(key: ObjectKey): HeldVersion | undefined;
  /** How far a resource has been seen: no unseen event of it has this version or a lower one. */
  progressOf(resource: ResourceName): Version;
  /** Resolves when every watched resource has been listed. */
  readonly whenSynced: Promise<void>;
}

/** What a node holds. */
export interface Holding {
  get(key: ObjectKey): HeldVersion | undefined;
  entries(): Iterable<HeldVersion>;
}

/**
 * The changes that make a node equal to the cluster: what it lacks or holds at an older version, and a
 * tombstone for what it should no longer hold.
 *
 * A deletion is stated at the version up to which the resource has been seen, and not beyond: a hub that
 * lags behind cannot talk a node out of something newer than it knows.
 */
export function difference(cluster: Needs, node: NodeName, held: Holding): News[] {
  const lacking: News[] = [];
  const wanted = new Set<ObjectKey>();
  for (const change of cluster.needs(node)) {
    wanted.add(change.key);
    const there = held.get(change.key);
    if (isBehind(there, change)) lacking.push({ change, lane: laneOfMissing(change.key, there) });
  }
  for (const { key, uid, version } of held.entries()) {
    if (wanted.has(key)) continue;
    const withdrawn = livesOn({ key, uid, version }, cluster.find(key));
    const at = withdrawn ? version : cluster.progressOf(keyParts(key).resource);
    lacking.push({ change: { key, uid, withdrawn, version: at }, lane: 'urgent' });
  }
  return lacking;
}

/**
 * Whether what a node holds cannot be of the cluster's own past: it holds a version of an object that the
 * hub should have seen, and the cluster has an older one. The cluster was restored from a backup.
 */
export function contradicts(cluster: Needs, held: Holding): boolean {
  for (const { key, version } of held.entries()) {
    const there = cluster.find(key);
    if (there && there.version < version && version <= cluster.progressOf(keyParts(key).resource))
      return true;
  }
  return false;
}

/**
 * Whether the object is still there, or a successor under its name: a deletion stated as of now would keep
 * the successor out for ever, should the node come to need it.
 */
function livesOn({ uid, version }: HeldVersion, there: HeldVersion | undefined): boolean {
  return there !== undefined && (there.uid === uid || there.version > version);
}

function isBehind(there: HeldVersion | undefined, { uid, version }: Change): boolean {
  return there?.uid !== uid || there.version < version;
}
