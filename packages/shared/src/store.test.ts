import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Misconfiguration } from './errors.ts';
import { openStore, type StoreOptions } from './store.ts';
import { describeStore } from './testing/store-contract.ts';

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

describeStore('LevelDB', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'skerry-store-'));
  return {
    open: () => openStore(join(parent, 'db'), fail),
    dispose: () => rm(parent, { recursive: true }),
  };
});

describe('a directory of LevelDB', () => {
  it('says when another holder has the directory', async () => {
    await using _store = await openStore(directory, fail);
    await expect(openStore(directory, fail)).rejects.toThrow(Misconfiguration);
    await expect(openStore(directory, fail)).rejects.toThrow(directory);
  });

  it('is set aside after processes in a row have died while they opened it', async () => {
    const aside: string[] = [];
    const options: StoreOptions = {
      whenCorrupt: 'set-aside',
      now: () => 7,
      onSetAside: (path) => aside.push(path),
    };
    await mkdir(directory, { recursive: true });
    await writeFile(`${directory}.opening`, '2');
    await (await openStore(directory, options))[Symbol.asyncDispose]();
    expect(aside).toEqual([]);
    await writeFile(`${directory}.opening`, '3');
    await expect(openStore(directory, fail)).rejects.toThrow('3 processes in a row died');
    await writeFile(`${directory}.opening`, '3');
    await (await openStore(directory, options))[Symbol.asyncDispose]();
    expect(aside).toEqual([`${directory}.corrupt-7`]);
    expect(await readdir(join(directory, '..'))).toEqual(['db', 'db.corrupt-7']);
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
