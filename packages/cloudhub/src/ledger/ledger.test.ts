import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeName } from '@skerry/shared/names';
import { openStore } from '@skerry/shared/store';
import { keyOf, madeChange } from '@skerry/shared/testing/changes';
import { expect, it } from 'vitest';
import { Ledger } from './ledger.ts';

it('is opened as the session before left it, also while that is being written', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'skerry-ledger-'));
  {
    await using store = await openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
    const ledger = new Ledger(store);
    const node = nodeName('edge-1');
    const before = await ledger.open(node);
    const writing = before.record([madeChange('a', 5)]);
    const after = await ledger.open(node);
    expect(after.get(keyOf('a'))).toMatchObject({ version: 5n });
    await writing;
  }
  await rm(directory, { recursive: true });
});
