import type { KubeObject } from '@skerry/apiserver/json';
import type { ObjectKey } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import { HeldView } from './held-view.ts';

const key = (name: string): ObjectKey => `configmaps/default/${name}` as ObjectKey;

function object(name: string, text: string): KubeObject {
  const metadata = { name, namespace: 'default', uid: name, resourceVersion: '7' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text } };
}

async function opened(names: readonly string[], limits = { events: 100, bytes: 100_000 }) {
  const disk = new Map(names.map((name) => [key(name), object(name, 'as held')]));
  const view = await HeldView.open({
    look: (one) => Promise.resolve(disk.get(one)),
    keys: () => Promise.resolve(disk.keys()),
    first: 1_000,
    limits,
  });
  const put = (name: string, text: string): Promise<void> => {
    disk.set(key(name), object(name, text));
    return view.refresh(key(name));
  };
  const remove = (name: string): Promise<void> => {
    disk.delete(key(name));
    return view.refresh(key(name));
  };
  return { view, put, remove };
}

describe('the view of what a node holds', () => {
  it('begins with everything, in the order of a list, on a line of its own', async () => {
    const { view } = await opened(['b', 'a']);
    expect(view.list('configmaps').map(({ name, revision }) => [name, revision])).toEqual([
      ['a', 1_002],
      ['b', 1_001],
    ]);
    expect(view.list('configmaps', 'other')).toEqual([]);
    expect(view.revision).toBe(1_002);
  });

  it('tells watchers what changes, what goes, and nothing where nothing looks different', async () => {
    const { view, put, remove } = await opened(['a']);
    const from = view.revision;
    await put('a', 'as held');
    expect(view.revision).toBe(from);
    await put('a', 'changed');
    await put('c', 'new');
    await remove('a');
    await remove('a');
    const told = view.log('configmaps').after(from);
    expect(told.map(({ type, held }) => [type, held.name, held.revision - from])).toEqual([
      ['MODIFIED', 'a', 1],
      ['ADDED', 'c', 2],
      ['DELETED', 'a', 3],
    ]);
    expect(view.get({ resource: 'configmaps', namespace: 'default', name: 'a' })).toBeUndefined();
  });

  it('forgets its oldest history, and says so to who would resume from there', async () => {
    const { view, put } = await opened(['a'], { events: 4, bytes: 100_000 });
    const from = view.revision;
    for (let n = 0; n < 10; n++) await put('a', String(n));
    expect(() => view.log('configmaps').after(from)).toThrow('history begins');
    expect(view.log('configmaps').after(view.revision)).toEqual([]);
  });
});
