import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Range, Store, Table } from '../store.ts';

/** What a store keeps its tables on: it outlives the store. */
export interface StoreMedium {
  open(): Promise<Store>;
  readonly dispose: () => Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined =>
  value && new TextDecoder().decode(value);

async function keysIn(table: Table, range?: Range): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of table.keys(range)) keys.push(key);
  return keys;
}

async function entriesIn(table: Table, range?: Range): Promise<string[]> {
  const entries: string[] = [];
  for await (const [key, value] of table.entries(range)) entries.push(`${key}=${text(value)}`);
  return entries;
}

/** What every Store promises, whatever it keeps its tables on. */
export function describeStore(name: string, make: () => Promise<StoreMedium>): void {
  describe(`${name} store`, () => {
    let medium: StoreMedium;
    beforeEach(async () => {
      medium = await make();
    });
    afterEach(() => medium.dispose());

    it('keeps what was committed, table by table, over a restart', async () => {
      {
        await using store = await medium.open();
        const [a, b] = [store.table('a'), store.table('b')];
        await store.commit([
          a.put('k', bytes('1')),
          b.put('k', bytes('2')),
          a.put('gone', bytes('3')),
          a.del('gone'),
        ]);
      }
      await using store = await medium.open();
      expect(await keysIn(store.table('a'))).toEqual(['k']);
      expect(text(await store.table('b').get('k'))).toBe('2');
      expect(await store.table('c').get('k')).toBeUndefined();
    });

    it('ends concurrent commits in the order in which they were made, the last write winning', async () => {
      await using store = await medium.open();
      const table = store.table('t');
      const ended: number[] = [];
      const commits = Array.from({ length: 50 }, (_, i) =>
        store.commit([table.put('same', bytes(String(i)))]).then(() => ended.push(i)),
      );
      await Promise.all(commits);
      expect(ended).toEqual(Array.from({ length: 50 }, (_, i) => i));
      expect(text(await table.get('same'))).toBe('49');
    });

    it('finishes the commits under way before it closes', async () => {
      const store = await medium.open();
      const commit = store.commit([store.table('t').put('k', bytes('v'))]);
      await store[Symbol.asyncDispose]();
      await commit;
      await using again = await medium.open();
      expect(text(await again.table('t').get('k'))).toBe('v');
    });

    it('takes a commit of nothing', async () => {
      await using store = await medium.open();
      await store.commit([]);
    });

    it('walks a range in the order of UTF-8 bytes, either way', async () => {
      await using store = await medium.open();
      const table = store.table('t');
      // U+FF5E comes before U+1F600 in UTF-8, and after it in UTF-16
      const names = ['a', 'b', 'b\0', 'c', 'ä', '\uff5e', '\u{1f600}'];
      await store.commit(names.toReversed().map((key) => table.put(key, bytes(key))));
      expect(await keysIn(table)).toEqual(names);
      expect(await keysIn(table, { gt: 'b', lt: 'ä' })).toEqual(['b\0', 'c']);
      expect(await keysIn(table, { gte: 'b', lte: 'c', reverse: true })).toEqual(['c', 'b\0', 'b']);
      expect(await entriesIn(table, { limit: 2 })).toEqual(['a=a', 'b=b']);
    });

    it('reads many keys at once, in their order', async () => {
      await using store = await medium.open();
      const table = store.table('t');
      await store.commit([table.put('a', bytes('1')), table.put('b', bytes('2'))]);
      const values = await table.getMany(['b', 'nothing', 'a']);
      expect(values.map(text)).toEqual(['2', undefined, '1']);
      expect(await table.getMany([])).toEqual([]);
    });

    it('walks what there was at the moment of the call', async () => {
      await using store = await medium.open();
      const table = store.table('t');
      await store.commit([table.put('a', bytes('1')), table.put('b', bytes('1'))]);
      const walk = table.keys();
      await store.commit([table.del('b'), table.put('c', bytes('1'))]);
      const keys: string[] = [];
      for await (const key of walk) keys.push(key);
      expect(keys).toEqual(['a', 'b']);
    });
  });
}
