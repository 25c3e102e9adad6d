import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@skerry/shared/errors';
import type { PodSelector } from '../container-runtime.ts';
import type { ContainerId, SandboxMark } from '../observed.ts';

/**
 * What the process runtime keeps on disk; there is no other memory.
 *
 * ```text
 * bin/shim-HASH          the supervisor
 * sandboxes/ID           a pod's sandbox: JSON
 * containers/ID/spec     what was asked for: JSON, with the environment
 * containers/ID/root/    links to the volumes, by mount path
 * containers/ID/shim     who supervises it (written by the shim)
 * containers/ID/log      output, and log.1 before it (written by the shim)
 * exits/ID               how it ended (written by the shim)
 * ```
 */
export class StateDir {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get bin(): string {
    return join(this.path, 'bin');
  }

  get sandboxes(): string {
    return join(this.path, 'sandboxes');
  }

  get containers(): string {
    return join(this.path, 'containers');
  }

  get exits(): string {
    return join(this.path, 'exits');
  }

  sandbox(id: ContainerId): string {
    return join(this.sandboxes, id);
  }

  container(id: ContainerId): string {
    return join(this.containers, id);
  }

  exit(id: ContainerId): string {
    return join(this.exits, id);
  }

  async prepare(): Promise<void> {
    for (const directory of [this.bin, this.sandboxes, this.containers, this.exits])
      await mkdir(directory, { recursive: true, mode: 0o700 });
  }
}

/** One id per attempt, so that the same attempt is never made twice. */
export function idOf(mark: SandboxMark & { readonly name?: string }): ContainerId {
  const { uid, namespace, name } = mark.pod;
  const safeUid = uid.replaceAll(/[^A-Za-z0-9-]/g, '-');
  return [namespace, name, safeUid, ...(mark.name === undefined ? [] : [mark.name])]
    .concat(String(mark.attempt))
    .join('_');
}

/** The ids in `directory` of one pod, or of all; none when the directory is not there. */
export async function idsIn(
  directory: string,
  selector: PodSelector | undefined,
): Promise<ContainerId[]> {
  // Names of Kubernetes hold no underscore, so the prefix is one pod's alone.
  const prefix = selector ? `${selector.namespace}_${selector.name}_` : '';
  const names = await absentAs([], readdir(directory));
  return names.filter((name) => name.startsWith(prefix) && !name.endsWith('.draft'));
}

/** The file's text, undefined when it is not there. */
export function readText(path: string): Promise<string | undefined> {
  return absentAs(undefined, readFile(path, 'utf8'));
}

/** Whole or not at all, as far as a crash of this process goes. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}

/** `otherwise` when what was asked of the file system is not there. */
export async function absentAs<T>(otherwise: T, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return otherwise;
    throw error;
  }
}
