import { describe, expect, it } from 'vitest';
import { StatusError } from '../status-error.ts';
import { restBench, type RestBench } from '../testing/rest-bench.ts';
import type { ListAnswer } from './answer.ts';

const resource = 'configmaps';

async function filled(names: string): Promise<RestBench> {
  const bench = await restBench({ events: 20, bytes: 1_000_000 });
  await bench.ask('create', { resource: 'namespaces', body: { metadata: { name: 'default' } } });
  for (const name of names) await put(bench, name);
  return bench;
}

async function put(bench: RestBench, name: string): Promise<void> {
  await bench.ask('create', { resource, body: { metadata: { name } } });
}

async function list(bench: RestBench, query: string): Promise<ListAnswer> {
  const answer = await bench.ask('list', { resource, query });
  if (answer.type !== 'list') throw new Error('no list');
  return answer.list;
}

const names = ({ items }: ListAnswer): string => items.map(({ name }) => name).join('');

describe('list', () => {
  it('shows the state of the first page on every page, whatever is written in between', async () => {
    await using bench = await filled('abcde');
    const first = await list(bench, 'limit=2');
    expect([names(first), first.remaining]).toEqual(['ab', 3]);
    await put(bench, 'aa');
    await bench.ask('delete', { resource, name: 'c' });
    await bench.ask('delete', { resource, name: 'e' });
    const second = await list(bench, `limit=2&continue=${first.continue ?? ''}`);
    const third = await list(bench, `limit=2&continue=${second.continue ?? ''}`);
    expect([names(second), names(third)]).toEqual(['cd', 'e']);
    expect(new Set([first.revision, second.revision, third.revision]).size).toBe(1);
    expect(third.continue).toBeUndefined();
    expect(names(await list(bench, ''))).toBe('aaabd');
  });

  it('says when the state of the first page is forgotten', async () => {
    await using bench = await filled('abc');
    const first = await list(bench, 'limit=1');
    for (let n = 0; n < 30; n++) await put(bench, `x${n}`);
    const next = list(bench, `limit=1&continue=${first.continue ?? ''}`);
    await expect(next).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  });

  it('refuses a version that has not been yet', async () => {
    await using bench = await filled('a');
    const { revision } = await list(bench, '');
    await expect(list(bench, `resourceVersion=${revision + 1}`)).rejects.toMatchObject({
      status: 504,
      details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
    });
  });

  it.each(['limit=x', 'continue=%7B', 'resourceVersion=1&resourceVersionMatch=Sometimes'])(
    'refuses %s',
    async (query) => {
      await using bench = await filled('a');
      await expect(list(bench, query)).rejects.toBeInstanceOf(StatusError);
    },
  );
});
