import { lstat, mkdir, symlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { codeOf } from '@skerry/shared/errors';
import type { ContainerSpec, Mount } from '../container-spec.ts';
import { CreateFailed } from '../runtime-errors.ts';

/**
 * Gives a process its volumes. It sees the machine's own file system, so nothing can be mounted for
 * it: instead `root` gets a link at every mount path, and the process is told of `root`. What is read
 * only for a container is not so for a process.
 *
 * Throws CreateFailed when one mount lies inside another, which links cannot do.
 */
export async function linkVolumes(root: string, mounts: readonly Mount[]): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o755 });
  for (const { containerPath, hostPath } of mounts) {
    const link = join(root, containerPath);
    if (link !== root && !link.startsWith(root + sep))
      throw new CreateFailed(`mount path ${containerPath} leads out of the container`);
    await makeParents(root, dirname(link), containerPath);
    await symlink(hostPath, link).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
      throw new CreateFailed(`mount path ${containerPath} is taken by another mount`);
    });
  }
}

/**
 * Links the file for the container's last words, unless a volume is where it should be: then the
 * process, which sees the host's files anyway, writes into the volume.
 */
export async function linkLastWords(
  root: string,
  { lastWords, mounts }: Pick<ContainerSpec, 'lastWords' | 'mounts'>,
): Promise<void> {
  if (!lastWords) return;
  const isTaken = mounts.some(
    ({ containerPath }) =>
      containerPath === lastWords.containerPath ||
      lastWords.containerPath.startsWith(`${containerPath}/`),
  );
  if (!isTaken) await linkVolumes(root, [{ volume: '', readOnly: false, ...lastWords }]);
}

async function makeParents(root: string, directory: string, containerPath: string): Promise<void> {
  if (directory === root) return;
  await makeParents(root, dirname(directory), containerPath);
  await mkdir(directory).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  if ((await lstat(directory)).isSymbolicLink())
    throw new CreateFailed(`mount path ${containerPath} lies inside another mount`);
}
