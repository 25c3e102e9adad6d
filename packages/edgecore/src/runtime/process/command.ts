import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { ContainerSpec } from '../container-spec.ts';

/** Where programs are looked for when neither the pod nor the agent's environment says. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A container's environment: what its spec says, over the agent's PATH and where its volumes are. */
export function environmentOf(spec: ContainerSpec, root: string): Record<string, string> {
  const own = Object.fromEntries(spec.env.map(({ name, value }) => [name, value]));
  return { PATH: process.env['PATH'] ?? DEFAULT_PATH, SKERRY_ROOT: root, ...own };
}

/**
 * Finds a program as execvp(3) does. What is not found is answered as it was asked for: running it
 * fails, and says why.
 */
export async function findProgram(name: string, path: string, workingDir: string): Promise<string> {
  if (isAbsolute(name)) return name;
  if (name.includes('/')) return join(workingDir, name);
  for (const directory of path.split(':')) {
    const candidate = join(directory === '' ? workingDir : directory, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return name;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

export function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
