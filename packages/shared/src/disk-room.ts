import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Of the file system of `directory`, for who is not root. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/**
 * Resolves when a file of so many bytes could be written in `directory`, and has been taken away again;
 * rejects with what the disk said. Asks how much is free first: a full disk is not to be filled up.
 */
export async function proveRoom(directory: string, bytes: number): Promise<void> {
  const free = await freeBytes(directory);
  if (free < bytes) throw new Error(`${free} bytes are free in ${directory}, ${bytes} are needed`);
  const path = join(directory, 'room.probe');
  try {
    await using file = await open(path, 'w');
    await file.writeFile(Buffer.alloc(bytes));
    await file.sync();
  } finally {
    await rm(path, { force: true });
  }
}
