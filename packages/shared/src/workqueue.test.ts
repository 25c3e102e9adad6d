import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from './testing/manual-clock.ts';
import { againIn, WorkQueue, work } from './workqueue.ts';

const forever = new AbortController().signal;

describe('work queue', () => {
  it('is fair and stingy: keys come out once, in the order in which they became dirty', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c', 'd')), async (added) => {
        const queue = new WorkQueue<string>();
        for (const key of added) queue.add(key);
        const distinct = [...new Set(added)];
        expect(queue.depth).toBe(distinct.length);
        for (const key of distinct) expect(await queue.take(forever)).toBe(key);
      }),
    );
  });

  it('is exclusive and re-entrant: a key added while processed comes out again afterwards', async () => {
    const queue = new WorkQueue<string>();
    queue.add('a');
    await queue.take(forever);
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await queue.take(forever)).toBe('a');
  });

  it('hands a key to whoever waits', async () => {
    const queue = new WorkQueue<string>();
    const waiting = queue.take(forever);
    queue.add('a');
    expect(await waiting).toBe('a');
    queue.add('a');
    queue.done('a');
    expect(await queue.take(forever)).toBe('a');
  });

  it('loses no key when a taker is called off', async () => {
    const queue = new WorkQueue<string>();
    const gone = new AbortController();
    const waiting = queue.take(gone.signal);
    gone.abort();
    await expect(waiting).rejects.toThrow();
    queue.add('a');
    expect(await queue.take(forever)).toBe('a');
  });
});

describe('work', () => {
  it('asks again when the reconciler wants to be asked, and when it failed', async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue<string>();
    const stop = new AbortController();
    const turns: [string, number][] = [];
    const running = work(
      {
        queue,
        clock,
        workers: 2,
        reconcile: (key) => {
          turns.push([key, clock.monotonic()]);
          if (key === 'bad') return Promise.reject(new Error('no'));
          return Promise.resolve(turns.length < 3 ? { afterMs: 1_000 } : undefined);
        },
        failed: () => (turns.length < 6 ? { afterMs: 50 } : undefined),
      },
      stop.signal,
    );
    queue.add('good');
    queue.add('bad');
    await clock.advance(2_000);
    expect(turns.filter(([key]) => key === 'good').map(([, at]) => at)).toEqual([0, 1_000]);
    expect(turns.filter(([key]) => key === 'bad').map(([, at]) => at)).toEqual([
      0, 50, 100, 150, 200,
    ]);
    stop.abort();
    await running;
  });

  it('never runs one key twice at once', async () => {
    const queue = new WorkQueue<string>();
    const stop = new AbortController();
    const running = new Set<string>();
    let overlaps = 0;
    const done = work(
      {
        queue,
        clock: new ManualClock(),
        workers: 4,
        reconcile: async (key) => {
          if (running.has(key)) overlaps++;
          running.add(key);
          await settle();
          running.delete(key);
          return undefined;
        },
        failed: () => undefined,
      },
      stop.signal,
    );
    for (let i = 0; i < 30; i++) {
      queue.add(['a', 'b', 'c'][i % 3] ?? 'a');
      if (i % 4 === 0) await settle();
    }
    await settle();
    stop.abort();
    await done;
    expect(overlaps).toBe(0);
  });

  it('forgets an appointment when the key is worked on before it', async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue<string>();
    const stop = new AbortController();
    let turns = 0;
    const done = work(
      {
        queue,
        clock,
        workers: 1,
        reconcile: () => Promise.resolve(++turns === 1 ? { afterMs: 100 } : undefined),
        failed: () => undefined,
      },
      stop.signal,
    );
    queue.add('a');
    await settle();
    queue.add('a');
    await clock.advance(1_000);
    expect(turns).toBe(2);
    stop.abort();
    await done;
  });
});

describe('againIn', () => {
  it('is when the first is due', () => {
    expect(againIn(undefined, 300, 200)).toEqual({ afterMs: 200 });
    expect(againIn(0, 1)).toEqual({ afterMs: 0 });
  });

  it('is never when nothing is', () => {
    expect(againIn()).toBeUndefined();
    expect(againIn(undefined, undefined)).toBeUndefined();
  });
});
