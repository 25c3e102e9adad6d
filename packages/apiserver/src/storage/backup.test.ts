import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync, gzipSync, createGzip } from 'node:zlib';
import { Misconfiguration } from '@skerry/shared/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackupDamaged, backupLines } from './backup.ts';
import type { KubeObject } from '../json.ts';
import { openObjectStore, type ObjectStore } from './object-store.ts';
import { restoreStore } from './restore.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-backup-'));
  file = join(directory, 'backup');
});
afterEach(() => rm(directory, { recursive: true }));

const now = 1_000_000;
const open = (dataDir: string): Promise<ObjectStore> =>
  openObjectStore({ directory: join(directory, dataDir, 'objects'), now: () => now });
const names = Array.from({ length: 1200 }, (_, at) => `map-${at}`);

async function put(store: ObjectStore, name: string, text: string): Promise<void> {
  const object: KubeObject = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name },
    data: { text },
  };
  await store.change({ resource: 'configmaps', namespace: 'default', name }, () => ({
    do: 'put',
    object,
  }));
}

/** A store with objects, backed up into `file`, and then changed. */
async function backedUp(): Promise<number> {
  await using store = await open('first');
  await Promise.all(names.map((name) => put(store, name, 'before')));
  const snapshot = store.snapshot();
  const lines = backupLines({
    snapshot,
    files: { 'service-account.key': 'PEM' },
    takenAt: 'today',
  });
  const writing = pipeline(Readable.from(lines), createGzip(), createWriteStream(file));
  await Promise.all([writing, put(store, 'map-7', 'after'), put(store, 'later', 'after')]);
  return snapshot.revision;
}

describe('a backup', () => {
  it('brings back what there was at one revision, while the store was written on', async () => {
    const revision = await backedUp();
    const dataDir = join(directory, 'second');
    expect(await restoreStore({ file, dataDir, now })).toEqual({ objects: names.length, revision });
    await using store = await open('second');
    expect(store.revision).toBe(revision);
    expect(store.list('configmaps').map(({ name }) => name)).toEqual(names.toSorted());
    const held = store.get({ resource: 'configmaps', namespace: 'default', name: 'map-7' });
    expect(held?.parse()['data']).toEqual({ text: 'before' });
    expect(() => store.log('configmaps').after(revision - 1)).toThrow();
    expect(await readFile(join(dataDir, 'service-account.key'), 'utf8')).toBe('PEM');
  });

  it('keeps what it replaces', async () => {
    await backedUp();
    const dataDir = join(directory, 'first');
    const { replaced } = await restoreStore({ file, dataDir, now });
    expect(await readdir(dataDir)).toContain(`objects.replaced-${now}`);
    expect(replaced).toBe(join(dataDir, `objects.replaced-${now}`));
    await using store = await open('first');
    expect(
      store.get({ resource: 'configmaps', namespace: 'default', name: 'later' }),
    ).toBeUndefined();
  });

  it('replaces nothing when it is cut short or changed', async () => {
    await backedUp();
    const dataDir = join(directory, 'first');
    const text = gunzipSync(await readFile(file)).toString();
    await writeFile(file, gzipSync(text.replace('"before"', '"forged"')));
    await expect(restoreStore({ file, dataDir, now })).rejects.toThrow(BackupDamaged);
    await writeFile(file, gzipSync(text));
    await truncate(file, 500);
    await expect(restoreStore({ file, dataDir, now })).rejects.toThrow(BackupDamaged);
    await using store = await open('first');
    expect(
      store.get({ resource: 'configmaps', namespace: 'default', name: 'later' }),
    ).toBeDefined();
  });

  it('does not go into a store that is in use', async () => {
    await backedUp();
    await using _store = await open('first');
    const restoring = restoreStore({ file, dataDir: join(directory, 'first'), now });
    await expect(restoring).rejects.toThrow(Misconfiguration);
  });
});
