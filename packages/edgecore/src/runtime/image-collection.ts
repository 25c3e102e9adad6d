import type { ListedImage } from './container-runtime.ts';

/** An image on the machine. */
export interface PresentImage extends ListedImage {
  /** Milliseconds since the epoch; when a pod of this node last needed it, or when it came. */
  readonly lastUsedAt: number;
}

/** A disk, and how full it may become. */
export interface CollectionScene {
  readonly images: readonly PresentImage[];
  /** Ids of images of which there is a container, running or not. */
  readonly inUse: ReadonlySet<string>;
  /** Images that held pods ask for, as they name them. */
  readonly needed: ReadonlySet<string>;
  readonly diskBytes: number;
  readonly diskAvailableBytes: number;
  readonly highPercent: number;
  readonly lowPercent: number;
  readonly minimumAgeMs: number;
  readonly now: number;
}

/**
 * Pure: the images to remove, the longest unused first, until the disk is as empty as it is to be. None
 * that a held pod needs: a node that is cut off could not have it again.
 *
 * @see https://kubernetes.io/docs/concepts/architecture/garbage-collection/#containers-images
 */
export function imagesToRemove(scene: CollectionScene): PresentImage[] {
  const { diskBytes, diskAvailableBytes, highPercent, lowPercent } = scene;
  const used = diskBytes - diskAvailableBytes;
  if (used * 100 < diskBytes * highPercent) return [];
  let excess = used - (diskBytes * lowPercent) / 100;
  const chosen: PresentImage[] = [];
  for (const image of removable(scene).toSorted((a, b) => a.lastUsedAt - b.lastUsedAt)) {
    if (excess <= 0) break;
    chosen.push(image);
    excess -= image.bytes;
  }
  return chosen;
}

function removable({ images, inUse, needed, minimumAgeMs, now }: CollectionScene): PresentImage[] {
  const wanted = new Set([...needed].map(canonicalName));
  return images.filter(
    ({ id, names, lastUsedAt }) =>
      !inUse.has(id) &&
      !wanted.has(id) &&
      now - lastUsedAt >= minimumAgeMs &&
      names.every((name) => !wanted.has(canonicalName(name))),
  );
}

/**
 * One name for all ways to write it: `busybox`, `library/busybox:latest` and
 * `docker.io/library/busybox:latest` are the same image.
 */
export function canonicalName(name: string): string {
  const short = name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
  const hasVersion = short.includes('@') || short.slice(short.lastIndexOf('/') + 1).includes(':');
  return hasVersion ? short : `${short}:latest`;
}
