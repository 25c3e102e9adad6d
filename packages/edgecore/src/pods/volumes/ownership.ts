import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const GROUP_READS_AND_WRITES = 0o060;
const GROUP_ENTERS = 0o010;
/** What is made in such a directory belongs to its group. */
const SET_GROUP = 0o2000;

/** A group to which a volume is to belong: `fsGroup` of the pod. */
export interface Ownership {
  readonly gid: number;
  /** A volume whose top is right already is left alone: `fsGroupChangePolicy: OnRootMismatch`. */
  readonly onlyOnMismatch: boolean;
}

/**
 * Gives a directory to a group, with all that is in it: its members read and write it, and what they
 * make there is the group's. What is right already is not touched. Needs the right to change owners.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods
 */
export async function own(directory: string, { gid, onlyOnMismatch }: Ownership): Promise<void> {
  if (onlyOnMismatch && (await isOwned(directory, gid))) return;
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries) await give(join(entry.parentPath, entry.name), gid);
  await give(directory, gid); // last: as long as it is not right, all is gone through again
}

async function give(path: string, gid: number): Promise<void> {
  const found = await lstat(path);
  if (found.gid !== gid) await lchown(path, found.uid, gid);
  if (found.isSymbolicLink()) return;
  const wanted = found.mode | (found.isDirectory() ? directoryBits : GROUP_READS_AND_WRITES);
  if (wanted !== found.mode || found.gid !== gid) await chmod(path, wanted & 0o7777);
}

async function isOwned(directory: string, gid: number): Promise<boolean> {
  const found = await lstat(directory);
  return found.gid === gid && (found.mode & directoryBits) === directoryBits;
}

const directoryBits = GROUP_READS_AND_WRITES | GROUP_ENTERS | SET_GROUP;
