import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rota } from './rota.ts';

describe('a rota', () => {
  it('gives everybody one turn per period, however time passes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 1, max: 250 })),
        (size, steps) => {
          const rota = new Rota<number>(1_000);
          for (let n = 0; n < size; n++) rota.add(n);
          const turns = steps.flatMap((ms) => rota.due(ms));
          const elapsed = steps.reduce((sum, ms) => sum + ms, 0);
          expect(Math.abs(turns.length - (size * elapsed) / 1_000)).toBeLessThan(1.001);
          expect(turns).toEqual(turns.map((_, turn) => turn % size));
        },
      ),
    );
  });

  it('gives nobody two turns at once, after however long a pause', () => {
    const rota = new Rota<string>(10);
    rota.add('a');
    rota.add('b');
    expect(rota.due(1e6)).toEqual(['a', 'b']);
  });

  it('has no turns without members', () => {
    expect(new Rota(10).due(100)).toEqual([]);
  });
});
