import { dirname } from 'node:path';
import { noDiskUsage, sumOfUsage, usageBelow, type DiskUsage } from '../disk-usage.ts';
import type { ContainerReport } from './engine-types.ts';

/**
 * What a container has written over its image, and its log. What the engine keeps on this machine in a
 * directory of its own is looked at there: the engine may compare the whole image for its answer, so
 * `written` asks it only where there is none, for the bytes: of inodes it tells nothing.
 */
export async function containerDiskUsage(
  { LogPath, GraphDriver }: Pick<ContainerReport, 'LogPath' | 'GraphDriver'>,
  written: () => Promise<number>,
): Promise<DiskUsage> {
  const layer = GraphDriver?.Data?.['UpperDir'];
  const [overImage, log] = await Promise.all([
    layer === undefined ? noDiskUsage : usageBelow(layer),
    LogPath === '' ? noDiskUsage : usageBelow(dirname(LogPath)),
  ]);
  return sumOfUsage([
    log,
    overImage.inodes > 0 ? overImage : { bytes: await written(), inodes: 0 },
  ]);
}
