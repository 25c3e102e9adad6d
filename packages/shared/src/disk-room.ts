import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Resolves when a file of so many bytes could be written in `directory`, and has been taken away again;
 * rejects with what the disk said. Asks how much is free first: a full disk is not to be filled up.
 */
export async function proveRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < bytes)
    throw new Error(`${bavail * bsize} bytes are free in ${directory}, ${bytes} are needed`);
  const path = join(directory, 'room.probe');
  try {
    await using file = await open(path, 'w');
    await file.writeFile(Buffer.alloc(bytes));
    await file.sync();
  } finally {
    await rm(path, { force: true });
  }
}
