import type { NodeName } from '@skerry/shared/names';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue, urgentRun, type Queued, type Rank } from './fair-queue.ts';

interface Item extends Queued {
  readonly name: string;
}

const item = (name: string, node = 'a', rank: Rank = 'bulk'): Item => ({
  name,
  node: node as NodeName,
  rank,
});

async function drain(queue: FairQueue<Item>): Promise<string[]> {
  const names: string[] = [];
  while (queue.size > 0) names.push((await queue.take(new AbortController().signal)).name);
  return names;
}

describe('FairQueue', () => {
  it('serves nodes in turn, each in its own order', async () => {
    const queue = new FairQueue<Item>();
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.push(item(name, name[0]));
    expect(await drain(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('takes the urgent first, but lets the bulk through now and then', async () => {
    const queue = new FairQueue<Item>();
    queue.push(item('bulk'));
    for (let n = 0; n < urgentRun + 3; n++) queue.push(item(`u${n}`, 'a', 'urgent'));
    const order = await drain(queue);
    expect(order[0]).toBe('u0');
    expect(order.indexOf('bulk')).toBe(urgentRun);
  });

  it('holds an item once', async () => {
    const queue = new FairQueue<Item>();
    const once = item('x');
    queue.push(once);
    queue.push(once);
    expect(await drain(queue)).toEqual(['x']);
  });

  it('gives an item to whoever waits, and to nobody who gave up', async () => {
    const queue = new FairQueue<Item>();
    const impatient = new AbortController();
    const given = queue.take(impatient.signal);
    const waiting = queue.take(new AbortController().signal);
    impatient.abort();
    await expect(given).rejects.toThrow();
    queue.push(item('x'));
    expect((await waiting).name).toBe('x');
  });

  it('gives back everything that was put in, once', async () => {
    const anyItem = fc.record({
      name: fc.uuid(),
      node: fc.constantFrom('a', 'b', 'c'),
      rank: fc.constantFrom<Rank>('urgent', 'bulk'),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyItem, { selector: ({ name }) => name }), async (items) => {
        const queue = new FairQueue<Item>();
        for (const { name, node, rank } of items) queue.push(item(name, node, rank));
        expect((await drain(queue)).sort()).toEqual(items.map(({ name }) => name).sort());
      }),
    );
  });
});
