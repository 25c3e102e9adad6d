import { dirname } from 'node:path';
import { bytesBelow } from '../disk-usage.ts';
import type { ContainerReport } from './engine-types.ts';

/**
 * Bytes that a container has written over its image, and those of its log. What the engine keeps on this
 * machine in a directory of its own is looked at there: the engine may compare the whole image for its
 * answer, so `written` asks it only where there is none.
 */
export async function containerDiskBytes(
  { LogPath, GraphDriver }: Pick<ContainerReport, 'LogPath' | 'GraphDriver'>,
  written: () => Promise<number>,
): Promise<number> {
  const layer = GraphDriver?.Data?.['UpperDir'];
  const [layerBytes, logBytes] = await Promise.all([
    layer === undefined ? 0 : bytesBelow(layer),
    LogPath === '' ? 0 : bytesBelow(dirname(LogPath)),
  ]);
  return logBytes + (layerBytes > 0 ? layerBytes : await written());
}
