import { MemoryDisk, MemoryStore } from '@skerry/shared/testing/memory-store';
import { beforeEach, describe, expect, it } from 'vitest';
import { ResultStore } from './result-store.ts';

const T = 1_763_674_000_000;
const policy = { perUnit: 10, maxAgeSeconds: 3_600 };
const everything = { since: 0, until: T * 2, limit: 1_000 };

describe('the store of results', () => {
  let disk: MemoryDisk;
  const open = (): Promise<ResultStore> => ResultStore.open(new MemoryStore(disk), policy);
  const add = (store: ResultStore, unit: string, from: number, count: number): void => {
    for (let n = from; n < from + count; n++)
      store.add('health', unit, { at: T + n, result: '01', mean: n % 2 ? n / 2 : undefined });
  };
  const times = async (store: ResultStore, unit: string, query = everything): Promise<number[]> =>
    (await store.read('health', unit, query)).map(({ at }) => at - T);
  beforeEach(() => (disk = new MemoryDisk()));

  it('reads back what was added, on disk or not yet, oldest first', async () => {
    const store = await open();
    add(store, 'cpu', 0, 3);
    await store.flush(T);
    add(store, 'cpu', 3, 2);
    add(store, 'cpu-2', 9, 1);
    expect(await store.read('health', 'cpu', everything)).toEqual([
      { at: T, result: '01', mean: undefined },
      { at: T + 1, result: '01', mean: 0.5 },
      { at: T + 2, result: '01', mean: undefined },
      { at: T + 3, result: '01', mean: 1.5 },
      { at: T + 4, result: '01', mean: undefined },
    ]);
    expect(await times(store, 'cpu', { ...everything, limit: 2 })).toEqual([3, 4]);
    expect(await times(store, 'cpu', { ...everything, since: T + 1, until: T + 2 })).toEqual([
      1, 2,
    ]);
    expect(await times(store, 'gone')).toEqual([]);
  });

  it('keeps what was flushed, and no more of it than it may, over restarts', async () => {
    const store = await open();
    for (let round = 0; round < 10; round++) {
      add(store, 'cpu', round * 3, 3);
      await store.flush(T + round * 3);
    }
    add(store, 'cpu', 100, 1);
    const later = await open();
    expect(later.size).toBe(9);
    expect(await times(later, 'cpu')).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29]);
    add(later, 'cpu', 30, 3);
    await later.flush(T + 33);
    expect(await times(later, 'cpu')).toEqual([24, 25, 26, 27, 28, 29, 30, 31, 32]);
  });

  it('gives up what is too old', async () => {
    const store = await open();
    add(store, 'cpu', 0, 2);
    await store.flush(T);
    await store.flush(T + 3_600_001);
    expect(await times(store, 'cpu')).toEqual([]);
    expect(disk.entries('judgement-results')).toEqual([]);
  });

  it('keeps a verdict for the object that it is of, and forgets all of a judgement', async () => {
    const store = await open();
    const kept = { uid: 'u', verdict: 'Blocked', since: T } as const;
    await store.keepVerdict('health', kept);
    add(store, 'cpu', 0, 1);
    await store.flush(T);
    const later = await open();
    expect(await later.verdictOf('health', 'u')).toEqual(kept);
    expect(await later.verdictOf('health', 'another')).toBeUndefined();
    await later.forget('health');
    expect(await later.verdictOf('health', 'u')).toBeUndefined();
    expect(later.size).toBe(0);
    expect(disk.entries('judgement-results')).toEqual([]);
  });
});
