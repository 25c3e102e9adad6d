import type { Change, HeldVersion } from '@skerry/shared/change';
import type { ObjectKey, Version } from '@skerry/shared/names';

export interface Comparison {
  /** What the node should hold, at the objects' own versions. */
  readonly needed: Iterable<Change>;
  /** What the node holds. */
  readonly held: { get(key: ObjectKey): HeldVersion | undefined; entries(): Iterable<HeldVersion> };
  /** The highest version that the cluster has shown the hub. */
  readonly horizon: Version;
}

/**
 * The changes that make a node equal to the cluster: what it lacks, what is newer, and a tombstone for
 * what it should no longer hold.
 *
 * An object that the node does not hold, or holds under another uid, may have been there before and be
 * remembered by a tombstone at any version up to the horizon: it is sent *at* the horizon, so that it
 * is newer than that. An object held at its own version or above (it may have been sent at a horizon)
 * is not sent again.
 */
export function difference({ needed, held, horizon }: Comparison): Change[] {
  const changes: Change[] = [];
  const wanted = new Set<ObjectKey>();
  for (const change of needed) {
    wanted.add(change.key);
    const there = held.get(change.key);
    if (there?.uid !== change.uid)
      changes.push({ ...change, version: max(change.version, horizon) });
    else if (there.version < change.version) changes.push(change);
  }
  for (const { key, uid, version } of held.entries())
    if (!wanted.has(key)) changes.push({ key, uid, version: max(version, horizon) });
  return changes;
}

function max(a: Version, b: Version): Version {
  return a > b ? a : b;
}
