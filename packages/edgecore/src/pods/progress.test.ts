import { describe, expect, it } from 'vitest';
import { PodProgress, pullFailureShownUntil } from './progress.ts';

const why = { reason: 'ErrImagePull', message: 'not found' };

describe('a failed pull', () => {
  const shownAt = (progress: PodProgress, now: number): boolean => {
    const held = progress.images.get('main@1');
    if (held?.phase !== 'failed') throw new Error('it has not failed');
    return pullFailureShownUntil(held, now) !== undefined;
  };

  it('shows as such for a while, however late a status tells it', () => {
    const progress = new PodProgress();
    progress.failImage('main@1', why, undefined, 0);
    expect(shownAt(progress, 60_000)).toBe(true);
    progress.tellImages(60_000);
    expect(shownAt(progress, 61_000)).toBe(true);
    progress.tellImages(61_000);
    expect(shownAt(progress, 62_000)).toBe(false);
  });

  it('is one of a row when it is not the first', () => {
    const progress = new PodProgress();
    progress.failImage('main@1', why, undefined, 0);
    const held = progress.images.get('main@1');
    progress.failImage('main@1', why, held?.phase === 'failed' ? held.fault : undefined, 10_000);
    expect(shownAt(progress, 10_000)).toBe(false);
  });
});
