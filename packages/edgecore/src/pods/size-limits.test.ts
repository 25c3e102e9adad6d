import { describe, expect, it } from 'vitest';
import type { Container } from './pod.ts';
import { overLimit } from './size-limits.ts';

const limited = (name: string, limit: string): Container => ({
  name,
  resources: { limits: { 'ephemeral-storage': limit } },
});
const pair = [limited('web', '1Ki'), limited('log', '2Ki')];

describe('overLimit', () => {
  it.each([
    ['nothing is limited', [{ name: 'web' }], { web: 10_000_000 }, 0, undefined],
    ['all keep to their limits', pair, { web: 1024, log: 2048 }, 0, undefined],
    [
      'one has written more',
      pair,
      { web: 0, log: 2049 },
      0,
      'Container log exceeded its local ephemeral storage limit "2Ki". ',
    ],
    [
      'volumes are too much with the rest',
      pair,
      { web: 1024, log: 1024 },
      1025,
      'Pod ephemeral local storage usage exceeds the total limit of containers 3072. ',
    ],
    ['a container has no limit of its own', [...pair, { name: 'x' }], { x: 3072 }, 0, undefined],
  ])('where %s', (_, containers, written, volumes, said) => {
    const bytes = Object.values(written).reduce((sum, one) => sum + one, volumes);
    const whole = { bytes, inodes: 1 };
    const use = { whole, containers: new Map(Object.entries(written)) };
    expect(overLimit({ containers }, use)).toBe(said);
  });
});
