import { readFile } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import { messageOf } from '@skerry/shared/errors';
import type { SecurityProfile } from '../container-spec.ts';
import { CreateFailed } from '../runtime-errors.ts';

/**
 * The engine's security option for a seccomp profile; none for the engine's own default. A profile of
 * this machine is read from `directory`, for the engine takes its content, not its name.
 *
 * @see https://kubernetes.io/docs/tutorials/security/seccomp/
 */
export async function seccompOption(
  wanted: SecurityProfile | undefined,
  directory: string | undefined,
): Promise<string[]> {
  if (wanted?.type === 'unconfined') return ['seccomp=unconfined'];
  if (wanted?.type !== 'localhost') return [];
  const { profile } = wanted;
  if (directory === undefined) throw new CreateFailed(`cannot load seccomp profile "${profile}"`);
  const path = normalize(join(directory, profile));
  if (!path.startsWith(directory + sep))
    throw new CreateFailed(`seccomp profile "${profile}" leads out of ${directory}`);
  try {
    const content = JSON.parse(await readFile(path, 'utf8')) as unknown;
    return [`seccomp=${JSON.stringify(content)}`];
  } catch (error) {
    throw new CreateFailed(`cannot load seccomp profile "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}
