import { describe, expect, it } from 'vitest';
import { declaredPieces, givePieces, pathsOf } from './pieces.ts';

const everything = (): boolean => true;
const cameras = declaredPieces(
  [
    'example.com/camera=/dev/video0+/dev/media0',
    'example.com/camera=/dev/video1+/dev/media0',
    'example.com/licence=4',
  ],
  everything,
);

describe('declared pieces', () => {
  it('are what the configuration says', () => {
    expect(cameras).toEqual([
      { resource: 'example.com/camera', count: 1, paths: ['/dev/video0', '/dev/media0'] },
      { resource: 'example.com/camera', count: 1, paths: ['/dev/video1', '/dev/media0'] },
      { resource: 'example.com/licence', count: 4, paths: [] },
    ]);
  });

  it('are offered only when all of their files are there', () => {
    const without = declaredPieces(
      ['example.com/camera=/dev/video0+/dev/media0'],
      (path) => path !== '/dev/media0',
    );
    expect(without).toEqual([]);
  });
});

describe('givePieces', () => {
  const wish = (container: string, count = 1, resource = 'example.com/camera'): never =>
    ({ container, resource, count }) as never;

  it('gives each container pieces of its own', () => {
    expect(givePieces([wish('left'), wish('right')], cameras, [])).toEqual({
      left: ['/dev/video0'],
      right: ['/dev/video1'],
    });
  });

  it('gives nothing twice', () => {
    expect(givePieces([wish('main')], cameras, [{ other: ['/dev/video0'] }])).toEqual({
      main: ['/dev/video1'],
    });
  });

  it('only counts what has no files', () => {
    expect(givePieces([wish('main', 2, 'example.com/licence')], cameras, [])).toEqual({});
  });

  it('leads to all files of a piece, each once', () => {
    expect(pathsOf(['/dev/video0', '/dev/video1'], cameras)).toEqual([
      '/dev/video0',
      '/dev/media0',
      '/dev/video1',
    ]);
    expect(pathsOf(['/dev/gone'], cameras)).toEqual(['/dev/gone']);
  });
});
