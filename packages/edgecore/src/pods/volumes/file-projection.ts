import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { codeOf } from '@skerry/shared/errors';
import type { VolumeFile } from './file-sources.ts';

/** The link that names the generation of files that is valid now. */
const CURRENT = '..data';
const NEXT = '..data_tmp';
/** Generations are directories named so, with a random end. */
const GENERATION_PREFIX = '..v';
/** For chown(2): as it is. */
const KEPT = -1;

export interface Projection {
  readonly files: readonly VolumeFile[];
  /** To whom the directories belong; absent: to the agent. */
  readonly gid?: number | undefined;
}

/**
 * Makes `directory` show exactly `files`. All of them change at once: they are written into a new
 * directory, and one rename of a link shows it in place of the old one. A reader sees the old files
 * or the new ones, never some of each; a crash leaves the old ones.
 *
 * ```text
 * ..v3fA9x/key    ..data -> ..v3fA9x    key -> ..data/key
 * ```
 *
 * The scheme is the kubelet's (`pkg/volume/util/atomic_writer.go`), which programs that watch their
 * configuration rely on.
 */
export async function projectFiles(
  directory: string,
  projection: Projection,
): Promise<'changed' | 'unchanged'> {
  const { files, gid } = projection;
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await belongTo(gid, directory);
  const current = await readlink(join(directory, CURRENT)).catch(absent);
  const unchanged = current !== undefined && (await shows(join(directory, current), files));
  const generation = unchanged ? current : await writeGeneration(directory, projection);
  if (!unchanged) await show(directory, generation);
  await linkNames(directory, files);
  await removeOthers(directory, generation, files);
  return unchanged ? 'unchanged' : 'changed';
}

async function shows(generation: string, files: readonly VolumeFile[]): Promise<boolean> {
  const found = await filesIn(generation);
  if (found.length !== files.length) return false;
  for (const file of files) {
    const { path, bytes } = file;
    const held = await readFile(join(generation, path)).catch(absent);
    if (!held?.equals(bytes)) return false;
    if (!isAsWanted(await stat(join(generation, path)), file)) return false;
  }
  return true;
}

function isAsWanted(found: Stats, { mode, uid, gid }: VolumeFile): boolean {
  return (
    (found.mode & 0o7777) === mode &&
    (uid === undefined || found.uid === uid) &&
    (gid === undefined || found.gid === gid)
  );
}

async function filesIn(generation: string): Promise<string[]> {
  const entries = await readdir(generation, { recursive: true, withFileTypes: true }).catch(absent);
  return (entries ?? [])
    .filter((entry) => entry.isFile())
    .map((entry) => relative(generation, join(entry.parentPath, entry.name)));
}

async function writeGeneration(directory: string, { files, gid }: Projection): Promise<string> {
  const generation = await mkdtemp(join(directory, GENERATION_PREFIX));
  await chmod(generation, 0o755);
  await belongTo(gid, generation);
  for (const file of files) {
    const path = join(generation, file.path);
    await makeParents(generation, dirname(path), gid);
    await writeFile(path, file.bytes, { mode: 0o600 });
    if (file.uid !== undefined || file.gid !== undefined)
      await chown(path, file.uid ?? KEPT, file.gid ?? KEPT);
    await chmod(path, file.mode); // whatever the umask
  }
  return basename(generation);
}

async function makeParents(
  generation: string,
  directory: string,
  gid: number | undefined,
): Promise<void> {
  if (directory === generation) return;
  await makeParents(generation, dirname(directory), gid);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await belongTo(gid, directory);
}

async function belongTo(gid: number | undefined, directory: string): Promise<void> {
  if (gid !== undefined) await chown(directory, KEPT, gid);
}

async function show(directory: string, generation: string): Promise<void> {
  await rm(join(directory, NEXT), { force: true });
  await symlink(generation, join(directory, NEXT));
  await rename(join(directory, NEXT), join(directory, CURRENT));
}

/** The first part of every path is a link through `..data`, made once and never changed. */
async function linkNames(directory: string, files: readonly VolumeFile[]): Promise<void> {
  for (const name of topNames(files))
    await symlink(join(CURRENT, name), join(directory, name)).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
}

/** Generations that are no longer shown, and links to what is no longer there. */
async function removeOthers(
  directory: string,
  generation: string,
  files: readonly VolumeFile[],
): Promise<void> {
  const kept = new Set([CURRENT, generation, ...topNames(files)]);
  for (const name of await readdir(directory))
    if (!kept.has(name)) await rm(join(directory, name), { recursive: true, force: true });
}

function topNames(files: readonly VolumeFile[]): Set<string> {
  return new Set(files.map(({ path }) => path.split('/', 1)[0] ?? path));
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}
