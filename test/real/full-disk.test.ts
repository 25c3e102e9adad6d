import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openStore } from '@skerry/shared/store';
import { afterEach, beforeEach, expect, it } from 'vitest';

const run = promisify(execFile);
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-full-disk-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Opens the store, commits what it is told, and says what became of it. */
const program = `
  import { openStore } from '@skerry/shared/store';
  const store = await openStore(process.argv[1], { whenCorrupt: 'fail', now: Date.now });
  const table = store.table('t');
  process.on('message', async ([key, length]) => {
    const said = await store.commit([table.put(key, Buffer.alloc(length, key))]).then(
      () => 'committed',
      (error) => error.code,
    );
    process.send([key, said, String(await table.get('first')).slice(0, 5)]);
  });
  process.send('open');
`;

/** A process that owns a store, and whose writes can be made to fail midway. */
class Owner implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<Owner> {
    const args = ['--input-type=module', '-e', program, directory];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(child, 'message');
    return new Owner(child);
  }

  async commit(key: string, length = 1_000): Promise<unknown> {
    this.#child.send([key, length]);
    const [said] = (await once(this.#child, 'message')) as [unknown];
    return said;
  }

  /** Of every file, from now on; a write that goes beyond is done in part. */
  async limitFiles(bytes: number | 'unlimited'): Promise<void> {
    await run('prlimit', ['--pid', String(this.#child.pid), `--fsize=${bytes}:`]);
  }

  /** As by a crash of the machine that leaves the disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

async function logBytes(): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(directory, name))).size),
  );
  return Math.max(...sizes);
}

async function keysOnDisk(): Promise<string[]> {
  await using store = await openStore(directory, { whenCorrupt: 'fail', now: Date.now });
  const keys: string[] = [];
  for await (const key of store.table('t').keys()) keys.push(key);
  return keys;
}

it('keeps what it acknowledges after a disk was full for a while', async () => {
  {
    await using owner = await Owner.start();
    expect(await owner.commit('first')).toEqual(['first', 'committed', 'first']);
    await owner.limitFiles((await logBytes()) + 50);
    for (const key of ['a', 'b', 'c'])
      expect(await owner.commit(key)).toEqual([key, 'store.write-failed', 'first']);
    await owner.limitFiles('unlimited');
    for (const key of ['x', 'y', 'z'])
      expect(await owner.commit(key)).toEqual([key, 'committed', 'first']);
  }
  expect(await keysOnDisk()).toEqual(['first', 'x', 'y', 'z']);
});

it('takes writes again after the disk had room for a part of a large one', async () => {
  {
    await using owner = await Owner.start();
    await owner.commit('first');
    await owner.limitFiles(3_000_000);
    const outcomes = new Set<unknown>();
    for (let i = 0; i < 40; i++)
      outcomes.add(((await owner.commit(`k${i}`, 200_000)) as string[])[1]);
    expect(outcomes).toContain('store.write-failed');
    await owner.limitFiles('unlimited');
    expect(await owner.commit('last')).toEqual(['last', 'committed', 'first']);
  }
  expect(await keysOnDisk()).toContain('last');
});
