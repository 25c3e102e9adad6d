import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../json.ts';
import { temporaryStore } from '../testing/temporary-store.ts';
import type { Held, StorageKey } from './held.ts';
import { openObjectStore, type ObjectStore } from './object-store.ts';
import { HistoryForgotten, type LogEvent } from './resource-log.ts';
import { snapshotAt } from './snapshot.ts';

const resource = 'configmaps';
const keyOf = (name: string): StorageKey => ({ resource, namespace: 'default', name });

function object(name: string, value: string): KubeObject {
  const metadata = { name, namespace: 'default' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value } };
}

function put(store: ObjectStore, name: string, value: string): Promise<Held | undefined> {
  return store.change(keyOf(name), () => ({ do: 'put', object: object(name, value) }));
}

function remove(store: ObjectStore, name: string): Promise<Held | undefined> {
  return store.change(keyOf(name), (held) =>
    held ? { do: 'remove', object: held.parse() } : { do: 'keep' },
  );
}

const shown = (objects: readonly Held[]): unknown[] =>
  objects.map(({ id, revision, bytes }) => [id, revision, Buffer.from(bytes).toString()]);

describe('object store', () => {
  it('counts the changes of all resources on one line', async () => {
    await using temporary = await temporaryStore();
    const { store } = temporary;
    const first = await put(store, 'a', '1');
    const second = await store.change({ resource: 'namespaces', namespace: '', name: 'n' }, () => ({
      do: 'put',
      object: object('n', '1'),
    }));
    expect(second?.revision).toBe((first?.revision ?? 0) + 1);
    expect(store.revision).toBe(second?.revision);
    expect(second?.parse().metadata.resourceVersion).toBe(String(second?.revision));
  });

  it('starts well above one, so that a version of nothing is too old', async () => {
    await using temporary = await temporaryStore();
    expect(() => temporary.store.log(resource).after(1)).toThrow(HistoryForgotten);
  });

  it('decides concurrent changes of one object one after another', async () => {
    await using temporary = await temporaryStore();
    const { store } = temporary;
    const increment = (): Promise<unknown> =>
      store.change(keyOf('n'), (held) => {
        const { value = '0' } = (held?.parse()['data'] ?? {}) as { value?: string };
        return { do: 'put', object: object('n', String(Number(value) + 1)) };
      });
    await Promise.all(Array.from({ length: 50 }, increment));
    expect(store.get(keyOf('n'))?.parse()['data']).toEqual({ value: '50' });
    expect(store.log(resource).after(store.revision - 50)).toHaveLength(50);
  });

  it('shows a change only once it is on disk', async () => {
    await using temporary = await temporaryStore();
    const { store } = temporary;
    const before = store.revision;
    const written = put(store, 'a', '1');
    expect(store.get(keyOf('a'))).toBeUndefined();
    expect(store.revision).toBe(before);
    await written;
    expect(store.get(keyOf('a'))).toBeDefined();
  });

  it('keeps what a decision leaves alone, without a new revision', async () => {
    await using temporary = await temporaryStore();
    const held = await put(temporary.store, 'a', '1');
    expect(await temporary.store.change(keyOf('a'), () => ({ do: 'keep' }))).toBe(held);
    expect(temporary.store.revision).toBe(held?.revision);
  });

  it('leaves everything as it is when a decision throws, and goes on', async () => {
    await using temporary = await temporaryStore();
    const { store } = temporary;
    const refuse = (): never => {
      throw new Error('refused');
    };
    await expect(store.change(keyOf('a'), refuse)).rejects.toThrow('refused');
    expect((await put(store, 'a', '1'))?.name).toBe('a');
  });

  it('reads back objects, counter and history after a restart', async () => {
    await using temporary = await temporaryStore();
    const start = temporary.store.revision;
    await put(temporary.store, 'a', '1');
    await put(temporary.store, 'b', '1');
    await put(temporary.store, 'a', '2');
    const gone = await remove(temporary.store, 'b');
    const objects = shown(temporary.store.list(resource));
    const events = temporary.store.log(resource).after(start).map(told);

    const store = await temporary.reopen();
    expect(shown(store.list(resource))).toEqual(objects);
    expect(store.log(resource).after(start).map(told)).toEqual(events);
    expect(store.revision).toBe(gone?.revision);
    expect((await put(store, 'c', '1'))?.revision).toBe(store.revision);
    expect(store.revision).toBe((gone?.revision ?? 0) + 1);
  });

  it('refuses to begin anew where there is a store that it cannot read', async () => {
    await using temporary = await temporaryStore();
    await put(temporary.store, 'a', '1');
    await temporary.store[Symbol.asyncDispose]();
    const files = await readdir(temporary.directory);
    const manifest = files.find((file) => file.startsWith('MANIFEST')) ?? '';
    await writeFile(join(temporary.directory, manifest), 'rubbish');
    const opened = openObjectStore({ directory: temporary.directory, now: () => 0 });
    await expect(opened).rejects.toThrow(/cannot be read .*: restore it from a backup/);
  });

  it('forgets the oldest events beyond its limits, and says so, also after a restart', async () => {
    await using temporary = await temporaryStore({ events: 10, bytes: 1_000_000 });
    const start = temporary.store.revision;
    for (let n = 0; n < 30; n++) await put(temporary.store, 'a', String(n));
    const { floor } = temporary.store.log(resource);
    expect(floor).toBeGreaterThan(start);
    expect(temporary.store.log(resource).after(floor)[0]?.held.revision).toBe(floor + 1);

    const store = await temporary.reopen();
    expect(store.log(resource).floor).toBe(floor);
    expect(() => store.log(resource).after(start)).toThrow(HistoryForgotten);
    expect(store.log(resource).after(floor)).toHaveLength(store.revision - floor);
  });

  it('bounds the history by bytes as well', async () => {
    await using temporary = await temporaryStore({ events: 1000, bytes: 20_000 });
    const start = temporary.store.revision;
    for (let n = 0; n < 30; n++) await put(temporary.store, 'a', 'x'.repeat(2000));
    const { floor } = temporary.store.log(resource);
    expect(floor).toBeGreaterThan(start);
    expect(temporary.store.revision - floor).toBeLessThanOrEqual(11);
  });

  it('knows every earlier state that its history reaches', async () => {
    const step = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), remove: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await using temporary = await temporaryStore();
        const states = new Map([[temporary.store.revision, [] as unknown[]]]);
        for (const [index, { name, remove: removes }] of steps.entries()) {
          const { store } = temporary;
          await (removes ? remove(store, name) : put(store, name, String(index)));
          states.set(store.revision, shown(store.list(resource)));
        }
        const store = await temporary.reopen();
        for (const [revision, state] of states)
          expect(shown(snapshotAt(store.list(resource), store.log(resource), revision))).toEqual(
            state,
          );
      }),
      { numRuns: 20 },
    );
  });
});

function told({ type, held, previous }: LogEvent): unknown {
  return [type, ...shown(previous ? [held, previous] : [held])];
}
