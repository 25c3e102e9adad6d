import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Fetched } from './fetched.ts';
import { FetchedStore, maxFetchedBytes, maxFetchedMs } from './fetched-store.ts';

const place = (name: string, namespace = 'shop'): string => `configmaps/${namespace}/${name}`;

describe('what is kept of what was fetched', () => {
  let store: MemoryStore;
  let clock: ManualClock;
  let kept: FetchedStore;
  let drops: string[];
  const dropped = (reason: string): unknown => drops.push(reason);

  beforeEach(async () => {
    [store, clock] = [new MemoryStore(), new ManualClock()];
    drops = [];
    kept = await FetchedStore.open(store, clock, dropped);
  });

  const fetched = (name: string, resourceVersion = '1', text = ''): Fetched => ({
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'shop', resourceVersion },
      data: { text },
    },
    at: clock.now(),
  });
  const keep = (user: string, ...all: readonly Fetched[]): Promise<void> =>
    kept.keep(
      user,
      new Map(all.map((one) => [place(one.object.metadata.name ?? ''), one] as const)),
    );
  const names = async (user: string, at: string, from = kept): Promise<(string | undefined)[]> =>
    (await from.at(user, at)).map(({ object }) => object.metadata.name);

  it('is shown to who was allowed to read it, alone, by name, namespace and kind', async () => {
    await keep('ann', fetched('a'), fetched('b'));
    await keep('anna', fetched('c'));
    expect(await names('ann', place('a'))).toEqual(['a']);
    expect(await names('ann', 'configmaps/shop/')).toEqual(['a', 'b']);
    expect(await names('ann', 'configmaps/')).toEqual(['a', 'b']);
    expect(await names('anna', place('a'))).toEqual([]);
    expect(await names('ann', 'configmaps/sho/')).toEqual([]);
    expect(await names('ann', 'config')).toEqual([]);
  });

  it('outlives the agent, and is forgotten when it is said to be gone', async () => {
    await keep('ann', fetched('a'), fetched('b'));
    const again = await FetchedStore.open(store, clock, dropped);
    expect(await names('ann', 'configmaps/', again)).toEqual(['a', 'b']);
    expect(again.bytes).toBe(kept.bytes);
    await again.forget('ann', [place('a')]);
    expect(
      await names('ann', 'configmaps/', await FetchedStore.open(store, clock, dropped)),
    ).toEqual(['b']);
  });

  it('goes when it is too old, and the oldest first when there is too much', async () => {
    await keep('ann', fetched('old'));
    await clock.advance(maxFetchedMs + 1);
    expect(await names('ann', place('old'))).toEqual([]);
    const half = 'x'.repeat(maxFetchedBytes / 2 - 1_000);
    for (const name of ['a', 'b', 'c']) {
      await clock.advance(1);
      await keep('ann', fetched(name, '1', half));
    }
    expect(await names('ann', 'configmaps/')).toEqual(['b', 'c']);
    expect(kept.bytes).toBeLessThanOrEqual(maxFetchedBytes);
    expect(drops).toEqual(['expired', 'overflow']);
    expect(
      await names('ann', 'configmaps/', await FetchedStore.open(store, clock, dropped)),
    ).toEqual(['b', 'c']);
  });

  it('is not written again while it stays the same, and its age is, in time', async () => {
    await keep('ann', fetched('a'));
    const first = clock.now();
    await clock.advance(30_000);
    await keep('ann', fetched('a'));
    expect(await kept.at('ann', place('a'))).toMatchObject([{ at: first }]);
    await clock.advance(31_000);
    await keep('ann', fetched('a'));
    expect(await kept.at('ann', place('a'))).toMatchObject([{ at: clock.now() }]);
    await keep('ann', fetched('a', '2'));
    expect(await kept.at('ann', place('a'))).toMatchObject([
      { object: { metadata: { resourceVersion: '2' } } },
    ]);
  });
});
