import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Uid } from '@skerry/shared/names';
import { EdgeError } from '@skerry/shared/errors';
import { projectFiles } from './file-projection.ts';
import { prepareHostPath } from './host-path.ts';
import type { Mounter, MountWish } from './mounter.ts';
import { own } from './ownership.ts';
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
  contents: readonly VolumeContent[],
): ReadonlyMap<string, VolumePlace> {
  return new Map(contents.map((content) => [content.name, placeOf(directory, content)]));
}

function placeOf(directory: string, content: VolumeContent): VolumePlace {
  if (content.type === 'host') return { path: content.path, readOnly: content.readOnly };
  const path = join(directory, 'volumes', content.name);
  return {
    path,
    readOnly: content.type === 'files' || (content.type === 'nfs' && content.readOnly),
  };
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
  mounter: Mounter,
): Promise<VolumeFailure | undefined> {
  for (const content of contents) {
    try {
      const path = join(directory, 'volumes', content.name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await prepareVolume(path, content, mounter);
    } catch (error) {
      return { volume: content.name, error };
    }
  }
  return undefined;
}

async function prepareVolume(
  path: string,
  content: VolumeContent,
  mounter: Mounter,
): Promise<void> {
  switch (content.type) {
    case 'files':
      await projectFiles(path, content);
      return;
    case 'directory':
      await prepareDirectory(path, content);
      return;
    case 'memory': {
      const { sizeBytes } = content;
      const options = sizeBytes === undefined ? [] : [`size=${sizeBytes}`];
      await mounted({ type: 'tmpfs', source: 'tmpfs', target: path, options }, mounter);
      await prepareDirectory(path, content);
      return;
    }
    case 'nfs':
      await mounted({ ...content, target: path }, mounter);
      return;
    case 'host':
      await prepareHostPath(content.path, content.expected, content.isShared);
      if (content.ownership) await own(content.path, content.ownership);
  }
}

/** Any container of the pod may write, as whatever user. */
async function prepareDirectory(
  path: string,
  { ownership }: Extract<VolumeContent, { type: 'directory' | 'memory' }>,
): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777 | (ownership ? 0o2000 : 0));
  if (ownership) await own(path, ownership);
}

async function mounted(wish: MountWish, mounter: Mounter): Promise<void> {
  await mkdir(wish.target, { recursive: true });
  if ((await mounter.mountsAt(wish.target)).length === 0) await mounter.mount(wish);
}

/** Something of a pod is still mounted: to remove its directory would remove what others own. */
export class StillMounted extends EdgeError {
  readonly code = 'pods.still-mounted';
  readonly disposition = 'retry';
}

/**
 * Removes all that is kept of a pod, its emptyDir volumes included. What is mounted there is another's:
 * it is unmounted first and, where that fails, nothing is removed.
 */
export async function removePodDirectory(directory: string, mounter: Mounter): Promise<void> {
  for (const path of await mounter.mountsAt(directory)) await mounter.unmount(path);
  const [left] = await mounter.mountsAt(directory);
  if (left !== undefined) throw new StillMounted(`${left} is still mounted`);
  await rm(directory, { recursive: true, force: true });
}
