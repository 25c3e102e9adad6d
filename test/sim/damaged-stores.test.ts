import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLine } from '@skerry/cloudhub/ledger/line-record';
import { version } from '@skerry/shared/names';
import { openStore, type Store } from '@skerry/shared/store';
import { keyOf, madeTombstone } from '@skerry/shared/testing/changes';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { names, payloads, rooms, written } from './damaged-store.ts';

let directory: string;
let sound: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-damaged-'));
  sound = join(directory, 'sound');
  for (const part of payloads) {
    await using store = await open(sound, 'fail'); // opened anew: table files and a log
    const { meta, reports, ledger } = await rooms(store);
    const changes = names.map(written);
    await meta.apply([...changes, madeTombstone(`gone-${part}`, 99)]).durable;
    await ledger.record(changes);
    for (const name of names)
      await reports.report({ class: 'event', key: keyOf(name), payload: Buffer.from(part) });
    await writeLine(store, { epoch: 1, horizon: version('99') });
  }
});
afterAll(() => rm(directory, { recursive: true }));

function open(path: string, whenCorrupt: 'fail' | 'set-aside'): Promise<Store> {
  return openStore(path, { whenCorrupt, now: () => 1 });
}

/** A copy to be damaged. */
async function copy(from: string, name = 'copy'): Promise<string> {
  const path = join(directory, 'damaged', name);
  await rm(path, { recursive: true, force: true });
  await cp(from, path, { recursive: true });
  return path;
}

/** Reads the damaged stores in processes of their own, which may die of it, until all are read. */
function readElsewhere(): void {
  const script = join(import.meta.dirname, 'read-damaged-stores.ts');
  for (let deaths = 0; deaths < 100; deaths++) {
    const reader = spawnSync(
      process.execPath,
      ['--conditions=source', script, join(directory, 'damaged')],
      { encoding: 'utf8' },
    );
    if (reader.status === 0) return;
    if (reader.status !== null) throw new Error(reader.stderr);
  }
  throw new Error('every process died that read the damaged stores');
}

describe('a store with damage', () => {
  it.each([
    ['of any file', /^(?!LOCK|LOG)/],
    ['of the tables', /\.ldb$/],
    ['of the log', /\.log$/],
  ])('never gives what was not written, whatever bytes the disk changed %s', async (_of, files) => {
    const damage = fc.record({
      file: fc.nat(20),
      at: fc.integer({ min: 0, max: 999_999 }).map((part) => part / 1e6),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    });
    const damages = fc.array(fc.array(damage, { minLength: 1, maxLength: 2 }), {
      minLength: 25,
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(damages, async (stores) => {
        for (const [n, all] of stores.entries()) {
          const path = await copy(sound, `store-${n}`);
          const names = (await readdir(path)).filter((name) => files.test(name));
          for (const { file, at, bytes } of all)
            await overwrite(join(path, names[file % names.length] ?? ''), at, bytes);
        }
        readElsewhere();
      }),
      { numRuns: 1, endOnFailure: true },
    );
  });

  it('holds what was committed, whole, when the power was cut at any byte of a later commit', async () => {
    const path = await copy(sound);
    const before = await sizes(path);
    {
      await using store = await open(path, 'fail');
      await store.commit([store.table('t').put('one', Buffer.from('kept'))]);
    }
    const log = (await newest(path, before)) ?? '';
    const committed = (await stat(join(path, log))).size;
    const grown = join(directory, 'grown');
    await cp(path, grown, { recursive: true });
    {
      await using store = await open(grown, 'fail');
      await store.commit([
        store.table('t').put('two', Buffer.from('torn?')),
        store.table('t').put('three', Buffer.from('torn?')),
      ]);
    }
    expect(committed).toBeGreaterThan(0);
    const last = (await newest(grown, await sizes(path))) ?? '';
    const whole = (await stat(join(grown, last))).size;
    for (let end = 0; end <= whole; end += 3) {
      const cut = await copy(grown, 'cut');
      await truncate(join(cut, last), end);
      await using store = await open(cut, 'fail');
      const read = await store.table('t').getMany(['one', 'two', 'three']);
      const [one, two, three] = read.map((value) => value && Buffer.from(value).toString());
      expect(one).toBe('kept');
      expect(two).toBe(three);
    }
  });
});

/** Writes `bytes` over a file, `at` of the way through it. */
async function overwrite(path: string, at: number, bytes: Uint8Array): Promise<void> {
  const content = await readFile(path);
  const room = Math.max(0, content.length - bytes.length);
  content.set(bytes.subarray(0, content.length), Math.floor(at * room));
  await writeFile(path, content);
}

async function sizes(path: string): Promise<ReadonlyMap<string, number>> {
  const names = await readdir(path);
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, (await stat(join(path, name))).size] as const),
    ),
  );
}

/** The log file that is new or has grown. */
async function newest(
  path: string,
  before: ReadonlyMap<string, number>,
): Promise<string | undefined> {
  for (const [name, size] of await sizes(path))
    if (name.endsWith('.log') && size > (before.get(name) ?? 0)) return name;
  return undefined;
}
