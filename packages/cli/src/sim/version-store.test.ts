import { madeChange, madeTombstone, keyOf } from '@skerry/shared/testing/changes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VersionStore } from './version-store.ts';

describe('the store of a simulated node', () => {
  it('holds the newest of everything in whatever order and however often it arrives', () => {
    const arrivals = fc.array(
      fc.record({ name: fc.constantFrom('a', 'b'), version: fc.nat(12), gone: fc.boolean() }),
    );
    fc.assert(
      fc.property(arrivals, (script) => {
        const store = new VersionStore();
        const newest = new Map<string, { version: number; gone: boolean }>();
        for (const { name, version, gone } of script) {
          const held = newest.get(name);
          const isNews = !held || version > held.version;
          if (isNews) newest.set(name, { version, gone });
          const change = gone ? madeTombstone(name, version) : madeChange(name, version);
          expect(store.apply([change]).outcomes).toEqual([isNews ? 'applied' : 'stale']);
        }
        for (const [name, { version, gone }] of newest)
          expect(store.get(keyOf(name))?.version).toBe(gone ? undefined : BigInt(version));
      }),
    );
  });

  it('takes anything in after the cluster was restored and versions begin anew', async () => {
    const store = new VersionStore();
    store.apply([madeChange('a', 9), madeTombstone('b', 10)]);
    expect(store.horizon).toBe(10n);
    await store.enter(2, { forget: true });
    expect([store.epoch, store.horizon, store.size]).toEqual([2, 0n, 1]);
    expect(store.apply([madeChange('a', 1), madeChange('b', 1)]).outcomes).toEqual([
      'applied',
      'applied',
    ]);
  });

  it('may be given at the same version what was withdrawn from it', () => {
    const store = new VersionStore();
    const placed = madeChange('a', 5);
    const { key, uid, version } = placed;
    store.apply([placed, { key, uid, version, withdrawn: true }]);
    expect(store.size).toBe(0);
    expect(store.apply([placed]).outcomes).toEqual(['applied']);
  });
});
