import type { ObjectKey, Uid, Version } from './names.ts';

/** What one key holds: enough to compare two ends without the object. */
export interface HeldVersion {
  readonly key: ObjectKey;
  readonly uid: Uid;
  readonly version: Version;
}

/**
 * One step of one object. Without an object it is a **tombstone**: the object with this uid is gone,
 * and `version` is that of the delete event (or of the list that revealed the loss).
 */
export interface Change extends HeldVersion {
  /** The object as JSON in UTF-8; absent in a tombstone. Shared between sessions: never written to. */
  readonly object?: Uint8Array | undefined;
}

/**
 * Whether `next` replaces `held` (guarantee G2).
 *
 * Versions are compared as integers. Within one cluster they come from one number line, so a newer
 * uid also carries a higher version, and a tombstone of an old uid cannot undo its successor.
 */
export function supersedes(next: HeldVersion, held: HeldVersion | undefined): boolean {
  return held === undefined || next.version > held.version;
}
