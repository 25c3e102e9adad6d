import { constants, type Stats } from 'node:fs';
import { chmod, chown, open, readdir, type FileHandle } from 'node:fs/promises';
import { codeOf } from '@skerry/shared/errors';

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
 * A container may work in it meanwhile: every step goes from an open directory to what is in it, never
 * through a link, so that nothing outside is touched.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods
 */
export async function own(directory: string, { gid, onlyOnMismatch }: Ownership): Promise<void> {
  await using top = await open(directory, justThere | constants.O_DIRECTORY);
  if (onlyOnMismatch && isOwned(await top.stat(), gid)) return;
  await giveWithin(top, gid);
  await give(top, gid); // last: as long as it is not right, all is gone through again
}

async function giveWithin(directory: FileHandle, gid: number): Promise<void> {
  for (const name of await readdir(itself(directory))) {
    const found = await openWithin(directory, name);
    if (!found) continue;
    await using entry = found;
    if ((await entry.stat()).isDirectory()) await giveWithin(entry, gid);
    await give(entry, gid);
  }
}

/** Undefined when it is gone by now. */
async function openWithin(directory: FileHandle, name: string): Promise<FileHandle | undefined> {
  try {
    return await open(`${itself(directory)}/${name}`, justThere | constants.O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function give(entry: FileHandle, gid: number): Promise<void> {
  const found = await entry.stat();
  if (found.gid !== gid) await chown(itself(entry), found.uid, gid);
  if (found.isSymbolicLink()) return;
  const wanted = found.mode | (found.isDirectory() ? directoryBits : GROUP_READS_AND_WRITES);
  if (wanted !== found.mode || found.gid !== gid) await chmod(itself(entry), wanted & 0o7777);
}

function isOwned({ gid: held, mode }: Stats, gid: number): boolean {
  return held === gid && (mode & directoryBits) === directoryBits;
}

/** What is open, and never what has its name by now; of a link the link: proc_pid_fd(5). */
function itself({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

/** O_PATH of open(2), which Node does not name: neither read nor written, so that no pipe or device notices. */
const justThere = 0o10000000;
const directoryBits = GROUP_READS_AND_WRITES | GROUP_ENTERS | SET_GROUP;
