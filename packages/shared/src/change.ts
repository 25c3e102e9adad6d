import type { ObjectKey, Uid, Version } from './names.ts';
import type { TraceContext } from './tracing/trace-context.ts';

/** What one key holds: enough to compare two ends without the object. */
export interface HeldVersion {
  readonly key: ObjectKey;
  readonly uid: Uid;
  readonly version: Version;
}

/**
 * One step of one object. Without an object it is a **tombstone**:
 *
 * - of a **deletion**: the object with this uid is gone for good; `version` is that of the delete event,
 *   or of the list that revealed the loss;
 * - of a **withdrawal** (`withdrawn`): the object lives on, but this node is to let go of it; `version`
 *   is that of the object.
 */
export interface Change extends HeldVersion {
  /** The object as JSON in UTF-8; absent in a tombstone. Shared between sessions: never written to. */
  readonly object?: Uint8Array | undefined;
  readonly withdrawn?: boolean | undefined;
  /** Where it is followed on its way. */
  readonly trace?: TraceContext | undefined;
}

/**
 * Whether `next` replaces `held` (guarantee G2).
 *
 * Versions are compared as integers. All versions of one resource lie on one number line, so a newer uid
 * also carries a higher version, and the tombstone of an old uid cannot undo its successor. A withdrawal
 * carries the version of what is to go, and only a newer object resists it.
 */
export function supersedes(next: Change, held: HeldVersion | undefined): boolean {
  if (held === undefined) return true;
  return next.withdrawn === true ? next.version >= held.version : next.version > held.version;
}
