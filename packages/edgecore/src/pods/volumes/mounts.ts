import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { codeOf } from '@skerry/shared/errors';
import type { EnvVar, Mount } from '../../runtime/container-spec.ts';
import { expandKnown } from '../expand.ts';
import type { Container, MountPropagation, VolumeMount } from '../pod.ts';
import { PodUnfit } from '../pod-errors.ts';
import type { VolumePlace } from './volume-dirs.ts';

/** In the words of mount(8); without one, what is mounted later stays where it is. */
const propagations: Readonly<Record<MountPropagation, Mount['propagation']>> = {
  None: undefined,
  HostToContainer: 'rslave',
  Bidirectional: 'rshared',
};

/**
 * A container's mounts. A `subPath` that is not there becomes a directory; one that leads out of its
 * volume, also through a link, throws PodUnfit.
 */
export async function mountsOf(
  { volumeMounts = [] }: Container,
  volumes: ReadonlyMap<string, VolumePlace>,
  env: readonly EnvVar[],
): Promise<Mount[]> {
  return Promise.all(volumeMounts.map((mount) => mountOf(mount, volumes, env)));
}

async function mountOf(
  wanted: VolumeMount,
  volumes: ReadonlyMap<string, VolumePlace>,
  env: readonly EnvVar[],
): Promise<Mount> {
  const { name, mountPath, readOnly = false, mountPropagation = 'None' } = wanted;
  const place = volumes.get(name);
  if (!place) throw new PodUnfit(`no volume named ${JSON.stringify(name)}`);
  const subPath = subPathOf(wanted, env);
  const propagation = propagations[mountPropagation];
  return {
    volume: name,
    hostPath: subPath === '' ? place.path : await below(place.path, subPath),
    containerPath: mountPath,
    readOnly: readOnly || place.readOnly,
    ...(propagation && { propagation }),
  };
}

function subPathOf(
  { subPath = '', subPathExpr = '' }: VolumeMount,
  env: readonly EnvVar[],
): string {
  if (subPathExpr === '') return subPath;
  return expandKnown(subPathExpr, new Map(env.map(({ name, value }) => [name, value])));
}

/** The resolved path: a mount of one projected file keeps the content it had. */
async function below(volume: string, subPath: string): Promise<string> {
  if (subPath.startsWith('/')) throw new PodUnfit(`subPath ${subPath} must not be absolute`);
  const root = await realpath(volume);
  const { mode } = await stat(root);
  let path = root;
  for (const part of subPath.split('/')) {
    path = await realpathOrMake(join(path, part), mode & 0o7777);
    if (!isBelow(path, root)) throw new PodUnfit(`subPath ${subPath} leads out of its volume`);
  }
  return path;
}

/** What is made may be used by whoever may use the volume: it takes over its mode. */
async function realpathOrMake(path: string, mode: number): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await mkdir(path);
  await chmod(path, mode); // whatever the umask
  return path;
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(root + sep);
}
