import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Misconfiguration } from './errors.ts';
import { openStore, type StoreOptions } from './store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const fail: StoreOptions = { whenCorrupt: 'fail', now: () => 1 };
let directory: string;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'skerry-store-')), 'db');
});
afterEach(() => rm(join(directory, '..'), { recursive: true }));

async function keysIn(table: { keys(): AsyncIterable<string> }): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of table.keys()) keys.push(key);
  return keys;
}

describe('store', () => {
  it('keeps what was committed, table by table, over a restart', async () => {
    {
      await using store = await openStore(directory, fail);
      const [a, b] = [store.table('a'), store.table('b')];
      await store.commit([
        a.put('k', bytes('1')),
        b.put('k', bytes('2')),
        a.put('gone', bytes('3')),
        a.del('gone'),
      ]);
    }
    await using store = await openStore(directory, fail);
    expect(await keysIn(store.table('a'))).toEqual(['k']);
    expect(Buffer.from((await store.table('b').get('k')) ?? []).toString()).toBe('2');
    expect(await store.table('c').get('k')).toBeUndefined();
  });

  it('ends concurrent commits in the order in which they were made, the last write winning', async () => {
    await using store = await openStore(directory, fail);
    const table = store.table('t');
    const ended: number[] = [];
    const commits = Array.from({ length: 50 }, (_, i) =>
      store.commit([table.put('same', bytes(String(i)))]).then(() => ended.push(i)),
    );
    await Promise.all(commits);
    expect(ended).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(Buffer.from((await table.get('same')) ?? []).toString()).toBe('49');
  });

  it('finishes the commits under way before it closes', async () => {
    const store = await openStore(directory, fail);
    const commit = store.commit([store.table('t').put('k', bytes('v'))]);
    await store[Symbol.asyncDispose]();
    await commit;
  });

  it('says when another holder has the directory', async () => {
    await using _store = await openStore(directory, fail);
    await expect(openStore(directory, fail)).rejects.toThrow(Misconfiguration);
    await expect(openStore(directory, fail)).rejects.toThrow(directory);
  });

  it('sets a corrupt store aside, never deletes it, and begins anew', async () => {
    {
      await using store = await openStore(directory, fail);
      await store.commit([store.table('t').put('k', bytes('v'))]);
    }
    for (const name of await readdir(directory))
      if (/^(MANIFEST|CURRENT)/.test(name)) await writeFile(join(directory, name), 'rubbish');
    await expect(openStore(directory, fail)).rejects.toThrow();
    let aside = '';
    await using store = await openStore(directory, {
      whenCorrupt: 'set-aside',
      now: () => 7,
      onSetAside: (path) => (aside = path),
    });
    expect(await keysIn(store.table('t'))).toEqual([]);
    expect(aside).toBe(`${directory}.corrupt-7`);
    expect((await readdir(aside)).length).toBeGreaterThan(0);
  });
});
