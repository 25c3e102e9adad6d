import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeName, type NodeName } from '@skerry/shared/names';
import { openStore } from '@skerry/shared/store';
import { keyOf, madeChange } from '@skerry/shared/testing/changes';
import { describe, expect, it } from 'vitest';
import { IdlePages, maxIdleObjects } from './idle-pages.ts';
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
    ledger.close(after);
    expect(await ledger.open(node)).toBe(after);
  }
  await rm(directory, { recursive: true });
});

describe('a page without a holder', () => {
  const page = (node: string, size: number): { node: NodeName; size: number } => ({
    node: nodeName(node),
    size,
  });

  it('waits for its node, and is given out once', () => {
    const pages = new IdlePages();
    const kept = page('edge-1', 3);
    pages.put(kept);
    expect(pages.take(kept.node)).toBe(kept);
    expect(pages.take(kept.node)).toBeUndefined();
  });

  it('goes for younger ones when there are too many objects on them, and at once when it is too large', () => {
    const pages = new IdlePages();
    const [old, young] = [page('edge-1', maxIdleObjects / 2), page('edge-2', maxIdleObjects / 2)];
    pages.put(old);
    pages.put(young);
    pages.put(page('edge-3', 1));
    expect(pages.take(old.node)).toBeUndefined();
    expect(pages.take(young.node)).toBe(young);
    const large = page('edge-4', maxIdleObjects + 1);
    pages.put(large);
    expect(pages.take(large.node)).toBeUndefined();
  });
});
