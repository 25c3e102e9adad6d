import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '@skerry/cloudhub/ledger/ledger';
import { readLine, writeLine } from '@skerry/cloudhub/ledger/line-record';
import { ReportOutbox } from '@skerry/edgecore/link/report-outbox';
import { defaultReportPolicies } from '@skerry/edgecore/link/report-policy';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import type { Change } from '@skerry/shared/change';
import { systemClock } from '@skerry/shared/clock';
import { nodeName, resourceName, version } from '@skerry/shared/names';
import { openStore, type Store } from '@skerry/shared/store';
import { keyOf, madeChange, madeTombstone } from '@skerry/shared/testing/changes';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const node = nodeName('edge-1');
const names = Array.from({ length: 40 }, (_, n) => `c${n}`);
/** What the stores were given: objects that LevelDB cannot compress, so that most of a file is theirs. */
function written(name: string): Change & { readonly object: Uint8Array } {
  const lines = Array.from({ length: 20 }, (_, n) =>
    createHash('sha512').update(`${name} ${n}`).digest('base64'),
  );
  return { ...madeChange(name, 10 + names.indexOf(name)), object: Buffer.from(lines.join('')) };
}

let directory: string;
let sound: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-damaged-'));
  sound = join(directory, 'sound');
  for (const part of ['first', 'second', 'third']) {
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

/** Everything that an edge and a hub keep, in one store. */
async function rooms(store: Store) {
  const [meta, ledger] = [await MetaStore.open(store), await new Ledger(store).open(node)];
  const reports = await ReportOutbox.open({
    store,
    policies: defaultReportPolicies,
    clock: systemClock,
    onDropped: () => undefined,
  });
  return { meta, ledger, reports };
}

/** A copy to be damaged. */
async function copy(): Promise<string> {
  const path = join(directory, 'damaged');
  for (const each of await readdir(directory))
    if (each.startsWith('damaged')) await rm(join(directory, each), { recursive: true });
  await cp(sound, path, { recursive: true });
  return path;
}

/** All that is there was written so; what is missing, the other side will say again. */
async function expectNothingFalse(store: Store): Promise<void> {
  const { meta, ledger, reports } = await rooms(store);
  const objects = await meta.list(resourceName('configmaps'));
  expect(objects.map(({ key }) => key).toSorted()).toEqual(
    [...meta.held()].map(({ key }) => key).toSorted(),
  );
  for (const { key, uid, version: at, object } of objects) {
    const name = key.slice(key.lastIndexOf('/') + 1);
    const { uid: id, version: right, object: whole } = written(name);
    expect([uid, at, Buffer.from(object).equals(whole)]).toEqual([id, right, true]);
  }
  for (const { key } of ledger.entries()) expect(names.map(keyOf)).toContain(key);
  for (const { payload } of await reports.take(100))
    expect(['first', 'second', 'third']).toContain(Buffer.from(payload).toString());
  expect([0n, 99n]).toContain((await readLine(store)).horizon);
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
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 2 }), async (all) => {
        const path = await copy();
        const names = (await readdir(path)).filter((name) => files.test(name));
        for (const { file, at, bytes } of all)
          await overwrite(join(path, names[file % names.length] ?? ''), at, bytes);
        await using store = await open(path, 'set-aside');
        await expectNothingFalse(store);
      }),
      { numRuns: 40 },
    );
  });

  it('holds what was committed, whole, when the power was cut at any byte of a later commit', async () => {
    const path = await copy();
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
    for (let end = 0; end <= whole; end++) {
      const cut = await copy();
      await rm(cut, { recursive: true });
      await cp(grown, cut, { recursive: true });
      await truncate(join(cut, last), end);
      await using store = await open(cut, 'fail');
      const read = await store.table('t').getMany(['one', 'two', 'three']);
      const [one, two, three] = read.map((value) => value && Buffer.from(value).toString());
      expect(one).toBe('kept');
      expect(two).toBe(three);
      if (end === whole) expect(two).toBe('torn?');
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
