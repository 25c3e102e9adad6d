import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { codeOf } from '@skerry/shared/errors';
import { PodUnfit } from '../pod-errors.ts';

const checks: Readonly<Record<string, readonly [what: string, is: (found: Stats) => boolean]>> = {
  Directory: ['directory', (found) => found.isDirectory()],
  DirectoryOrCreate: ['directory', (found) => found.isDirectory()],
  File: ['file', (found) => found.isFile()],
  FileOrCreate: ['file', (found) => found.isFile()],
  Socket: ['socket', (found) => found.isSocket()],
  CharDevice: ['character device', (found) => found.isCharacterDevice()],
  BlockDevice: ['block device', (found) => found.isBlockDevice()],
};

/**
 * Sees to it that `path` is what a hostPath volume of type `expected` asks for. Without a type,
 * anything will do, and a directory is made where there is nothing: engines do so too. What is made and
 * `isShared` may be written by every user.
 *
 * @see https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
 */
export async function prepareHostPath(
  path: string,
  expected: string,
  isShared = false,
): Promise<void> {
  const found = await statOf(path);
  if (!found) {
    await create(path, expected);
    if (isShared) await chmod(path, 0o777); // whatever the umask
    return;
  }
  const [what, is] = checks[expected] ?? [];
  if (is && !is(found))
    throw new PodUnfit(`hostPath type check failed: ${path} is not a ${what ?? ''}`);
}

async function create(path: string, expected: string): Promise<void> {
  switch (expected) {
    case '':
    case 'DirectoryOrCreate':
      await mkdir(path, { recursive: true, mode: 0o755 });
      return;
    case 'FileOrCreate':
      await writeFile(path, '', { mode: 0o644, flag: 'a' });
      return;
    default:
      throw new PodUnfit(
        `hostPath type check failed: ${path} is not a ${checks[expected]?.[0] ?? expected}`,
      );
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
