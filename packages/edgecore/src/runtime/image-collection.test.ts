import { describe, expect, it } from 'vitest';
import { canonicalName, imagesToRemove, type CollectionScene } from './image-collection.ts';

const hour = 3_600_000;
const image = (id: string, hoursAgo: number, bytes = 10): CollectionScene['images'][number] => ({
  id,
  names: [`${id}:1`],
  bytes,
  lastUsedAt: 100 * hour - hoursAgo * hour,
});
const scene: CollectionScene = {
  images: [image('new', 1), image('old', 9), image('older', 20)],
  inUse: new Set(),
  needed: new Set(),
  diskBytes: 100,
  diskAvailableBytes: 10,
  highPercent: 85,
  lowPercent: 80,
  minimumAgeMs: 120_000,
  now: 100 * hour,
};
const removed = (more: Partial<CollectionScene>): string[] =>
  imagesToRemove({ ...scene, ...more }).map(({ id }) => id);

describe('imagesToRemove', () => {
  it.each([
    ['none while there is room', { diskAvailableBytes: 16 }, []],
    ['the longest unused, until there is room', {}, ['older']],
    ['more, where one is not enough', { lowPercent: 75 }, ['older', 'old']],
    ['none that a held pod needs', { needed: new Set(['older:1']) }, ['old']],
    [
      'none that a pod names by its id',
      { needed: new Set(['older']), images: [{ ...image('older', 20), names: ['older:latest'] }] },
      [],
    ],
    ['none of which there is a container', { inUse: new Set(['older', 'old']) }, ['new']],
    ['none that was used a moment ago', { minimumAgeMs: 10 * hour, lowPercent: 0 }, ['older']],
  ])('are %s', (_, more, ids) => {
    expect(removed(more)).toEqual(ids);
  });

  it('knows an image by every way to write its name', () => {
    const images = [{ ...image('web', 20), names: ['docker.io/library/nginx:latest'] }];
    expect(removed({ images, needed: new Set(['nginx']) })).toEqual([]);
  });
});

describe('canonicalName', () => {
  it.each([
    ['busybox', 'busybox:latest'],
    ['docker.io/library/busybox:1', 'busybox:1'],
    ['localhost:5000/a/b', 'localhost:5000/a/b:latest'],
    ['a/b@sha256:1', 'a/b@sha256:1'],
  ])('of %s is %s', (name, canonical) => {
    expect(canonicalName(name)).toBe(canonical);
  });
});
