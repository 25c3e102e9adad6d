import { chmod, mkdir, realpath, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Uid } from '@skerry/shared/names';
import { codeOf } from '@skerry/shared/errors';
import type { Mount } from '../../runtime/container-spec.ts';
import type { Container, PodObject } from '../pod.ts';
import { PodUnfit } from '../pod-errors.ts';
import { projectFiles } from './file-projection.ts';
import { prepareHostPath } from './host-path.ts';
import type { VolumeContent } from './volume-content.ts';

/** A failure to make one volume, with the kubelet's sentence for it. */
export function mountFailure(volume: string, why: string): string {
  return `MountVolume.SetUp failed for volume "${volume}" : ${why}`;
}

/** Where a pod's own files are: `<podsDir>/<uid>`. */
export function podDirectory(podsDir: string, uid: Uid): string {
  return join(podsDir, uid.replaceAll(/[^A-Za-z0-9-]/g, '-'));
}

/** Where a volume is on this machine. */
export interface VolumePlace {
  readonly path: string;
  /** Projected files: what a container wrote into them would be lost at the next change. */
  readonly readOnly: boolean;
}

/** Where each of a pod's volumes is, by its name. */
export function volumePlaces(
  directory: string,
  { spec }: PodObject,
): ReadonlyMap<string, VolumePlace> {
  return new Map(
    (spec.volumes ?? []).map(({ name, hostPath, emptyDir }) => [
      name,
      {
        path: hostPath?.path ?? join(directory, 'volumes', name),
        readOnly: !hostPath && !emptyDir,
      },
    ]),
  );
}

/** A volume that could not be made, and why. */
export interface VolumeFailure {
  readonly volume: string;
  readonly error: unknown;
}

/** Makes the volumes be what they should; what is right already is not touched. Stops at a failure. */
export async function prepareVolumes(
  directory: string,
  contents: readonly VolumeContent[],
): Promise<VolumeFailure | undefined> {
  for (const content of contents) {
    try {
      const path = join(directory, 'volumes', content.name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await prepareVolume(path, content);
    } catch (error) {
      return { volume: content.name, error };
    }
  }
  return undefined;
}

async function prepareVolume(path: string, content: VolumeContent): Promise<void> {
  switch (content.type) {
    case 'files':
      await projectFiles(path, content.files);
      return;
    case 'directory':
      await mkdir(path, { recursive: true });
      await chmod(path, 0o777); // any container of the pod may write, as whatever user
      return;
    case 'host':
      await prepareHostPath(content.path, content.expected);
  }
}

/**
 * A container's mounts. A `subPath` that is not there becomes a directory; one that leads out of its
 * volume, also through a link, throws PodUnfit.
 */
export async function mountsOf(
  { volumeMounts = [] }: Container,
  volumes: ReadonlyMap<string, VolumePlace>,
): Promise<Mount[]> {
  return Promise.all(
    volumeMounts.map(async ({ name, mountPath, subPath = '', readOnly = false }) => {
      const place = volumes.get(name);
      if (!place) throw new PodUnfit(`no volume named ${JSON.stringify(name)}`);
      const hostPath = subPath === '' ? place.path : await below(place.path, subPath);
      return {
        volume: name,
        hostPath,
        containerPath: mountPath,
        readOnly: readOnly || place.readOnly,
      };
    }),
  );
}

/** The resolved path: a mount of one projected file keeps the content it had. */
async function below(volume: string, subPath: string): Promise<string> {
  const root = await realpath(volume);
  let path = root;
  for (const part of subPath.split('/')) {
    path = await realpathOrMake(join(path, part));
    if (!isBelow(path, root)) throw new PodUnfit(`subPath ${subPath} leads out of its volume`);
  }
  return path;
}

async function realpathOrMake(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await mkdir(path);
  return path;
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(root + sep);
}

/** Removes all that is kept of a pod, its emptyDir volumes included. */
export async function removePodDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
