import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces the file at `path` as a whole: after a crash it holds the old content or the new, never a
 * part. Directories on the way are made with mode 0700.
 */
export async function writeDurably(path: string, content: string, mode: number): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${path}.new`;
  await using file = await open(draft, 'w', mode);
  await file.chmod(mode); // the mode of `open` counts only for a file that was not there
  await file.writeFile(content);
  await file.sync();
  await rename(draft, path);
  await using entries = await open(directory, 'r');
  await entries.sync(); // the rename itself is on disk
}

/** The text of the file, or undefined when there is none. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
