import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What is kept at a path and below, on its own file system: what is mounted there is another's. What
 * vanishes meanwhile counts nothing.
 */
export async function bytesBelow(path: string, device?: number): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (!found || (device !== undefined && found.dev !== device)) return 0;
  const own = found.blocks * 512;
  if (!found.isDirectory()) return own;
  const names = await readdir(path).catch(() => []);
  const below = await Promise.all(names.map((name) => bytesBelow(join(path, name), found.dev)));
  return below.reduce((total, bytes) => total + bytes, own);
}
