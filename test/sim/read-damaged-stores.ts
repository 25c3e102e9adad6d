// Reads the stores in a directory, and takes away each that is done: exits with 0 when all that is there was
// written so, with 1 when something is not.
import { deepStrictEqual, ok } from 'node:assert';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readLine } from '@skerry/cloudhub/ledger/line-record';
import { resourceName } from '@skerry/shared/names';
import { openStore, type Store } from '@skerry/shared/store';
import { keyOf } from '@skerry/shared/testing/changes';
import { names, payloads, rooms, written } from './damaged-store.ts';

const directory = process.argv[2] ?? '';
for (const name of await readdir(directory)) {
  if (!/^store-\d+$/.test(name)) continue;
  const path = join(directory, name);
  {
    await using store = await openStore(path, { whenCorrupt: 'set-aside', now: Date.now });
    await expectNothingFalse(store);
  }
  await rm(path, { recursive: true });
}

/** What is missing, the other side will say again. */
async function expectNothingFalse(damaged: Store): Promise<void> {
  const { meta, ledger, reports } = await rooms(damaged);
  const objects = await meta.list(resourceName('configmaps'));
  const held = [...meta.held()].map(({ key }) => key);
  deepStrictEqual(objects.map(({ key }) => key).toSorted(), held.toSorted());
  for (const { key, uid, version, object } of objects) {
    const right = written(key.slice(key.lastIndexOf('/') + 1));
    const isWhole = Buffer.from(object).equals(right.object);
    deepStrictEqual([uid, version, isWhole], [right.uid, right.version, true]);
  }
  for (const { key } of ledger.entries()) ok(names.map(keyOf).includes(key), key);
  for (const { payload } of await reports.take(100))
    ok(payloads.includes(Buffer.from(payload).toString()));
  ok([0n, 99n].includes((await readLine(damaged)).horizon));
}
