import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from '@skerry/shared/change';
import { resourceName } from '@skerry/shared/names';
import { openStore, StoreWriteFailed, type Store } from '@skerry/shared/store';
import { keyOf, madeChange, madeTombstone } from '@skerry/shared/testing/changes';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetaStore } from './meta-store.ts';

let directory: string;
let store: Store;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-meta-'));
  store = await openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function applied(meta: MetaStore, ...changes: Change[]): Promise<readonly string[]> {
  const { outcomes, durable } = meta.apply(changes);
  await durable;
  return outcomes;
}

describe('meta store', () => {
  it('never goes back to an older version', async () => {
    const meta = await MetaStore.open(store);
    expect(await applied(meta, madeChange('a', 10))).toEqual(['applied']);
    expect(await applied(meta, madeChange('a', 9))).toEqual(['stale']); // numbers, not strings
    expect((await meta.get(keyOf('a')))?.version).toBe(10n);
  });

  it('does not bring an object back after its tombstone, also when opened anew', async () => {
    const meta = await MetaStore.open(store);
    await applied(meta, madeChange('a', 10), madeTombstone('a', 12));
    expect(await applied(meta, madeChange('a', 11))).toEqual(['stale']);
    const reopened = await MetaStore.open(store);
    expect(await applied(reopened, madeChange('a', 11))).toEqual(['stale']);
    expect(await applied(reopened, madeChange('a', 13))).toEqual(['applied']);
  });

  it('keeps objects on another number line, where whatever comes replaces them', async () => {
    const meta = await MetaStore.open(store);
    await applied(meta, madeChange('a', 10), madeChange('b', 11), madeTombstone('c', 12));
    expect([meta.epoch, meta.horizon]).toEqual([0, 12n]);
    await meta.enter(1, { forget: false });
    expect(await applied(meta, madeChange('a', 9))).toEqual(['stale']);
    await meta.enter(2, { forget: true });
    for (const each of [meta, await MetaStore.open(store)]) {
      expect([each.epoch, each.horizon]).toEqual([2, 0n]);
      expect([...each.held()].map(({ key, version }) => [key, version])).toEqual([
        [keyOf('a'), 0n],
        [keyOf('b'), 0n],
      ]);
      expect(await each.get(keyOf('a'))).toMatchObject({
        version: 0n,
        object: Buffer.from('"10"'),
      });
    }
    const reopened = await MetaStore.open(store);
    const news = [madeChange('a', 9), madeTombstone('b', 3), madeChange('c', 4)];
    expect(await applied(reopened, ...news)).toEqual(['applied', 'applied', 'applied']);
  });

  it('knows that it is ahead of a disk that refused a commit, until it is reloaded', async () => {
    const disk: Store = {
      table: (name) => store.table(name),
      commit: (writes) =>
        writes.length > 0
          ? Promise.reject(new StoreWriteFailed('no space left'))
          : Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const meta = await MetaStore.open(disk);
    expect(meta.isAhead).toBe(false);
    await expect(applied(meta, madeChange('a', 10))).rejects.toThrow(StoreWriteFailed);
    expect([meta.isAhead, meta.size]).toEqual([true, 1]);
    await meta.reload();
    expect([meta.isAhead, meta.size]).toEqual([false, 0]);
  });

  it('lists one resource and not its neighbours', async () => {
    const meta = await MetaStore.open(store);
    await applied(meta, madeChange('b', 1), madeChange('a', 2), {
      ...madeChange('x', 3),
      key: 'configmapsx/default/x' as Change['key'],
    });
    expect((await meta.list(resourceName('configmaps'))).map(({ key }) => key)).toEqual([
      keyOf('a'),
      keyOf('b'),
    ]);
  });

  it('holds the newest of everything in whatever order and however often it arrives', async () => {
    const arrivals = fc.array(
      fc.record({ name: fc.nat(3), version: fc.nat(12), gone: fc.boolean() }),
      { maxLength: 30 },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(arrivals, async (script) => {
        const prefix = `run${run++}-`;
        const meta = await MetaStore.open(store);
        const newest = new Map<string, { version: number; gone: boolean }>();
        for (const { name, version, gone } of script) {
          const full = prefix + String(name);
          await applied(meta, gone ? madeTombstone(full, version) : madeChange(full, version));
          const held = newest.get(full);
          if (!held || version > held.version) newest.set(full, { version, gone });
        }
        const reopened = await MetaStore.open(store);
        for (const [name, { version, gone }] of newest) {
          for (const seen of [meta, reopened]) {
            expect((await seen.get(keyOf(name)))?.version).toBe(gone ? undefined : BigInt(version));
          }
        }
        expect(reopened.digest()).toEqual(meta.digest());
      }),
      { numRuns: 50 },
    );
  });
});
