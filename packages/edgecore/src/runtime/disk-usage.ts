import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What takes room on a disk. */
export interface DiskUsage {
  readonly bytes: number;
  /** Files and directories, of which a file system may have only so many. */
  readonly inodes: number;
}

export const noDiskUsage: DiskUsage = { bytes: 0, inodes: 0 };

/**
 * What is kept at a path and below, on its own file system: what is mounted there is another's. What
 * vanishes meanwhile counts nothing.
 */
export async function usageBelow(path: string, device?: number): Promise<DiskUsage> {
  const found = await lstat(path).catch(() => undefined);
  if (!found || (device !== undefined && found.dev !== device)) return noDiskUsage;
  const own = { bytes: found.blocks * 512, inodes: 1 };
  if (!found.isDirectory()) return own;
  const names = await readdir(path).catch(() => []);
  const below = await Promise.all(names.map((name) => usageBelow(join(path, name), found.dev)));
  return sumOfUsage([own, ...below]);
}

export function sumOfUsage(parts: readonly DiskUsage[]): DiskUsage {
  const add = (sum: DiskUsage, { bytes, inodes }: DiskUsage): DiskUsage => ({
    bytes: sum.bytes + bytes,
    inodes: sum.inodes + inodes,
  });
  return parts.reduce(add, noDiskUsage);
}
