import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeDurably } from '@skerry/shared/durable-file';
import { codeOf, Misconfiguration } from '@skerry/shared/errors';
import { openStore, type Store, type Write } from '@skerry/shared/store';
import { readBackup, type BackupEntry } from './backup.ts';
import type { Revision } from './held.ts';

/** Objects written to disk at once. */
const batchSize = 500;
const secretMode = 0o600;

export interface Restoring {
  /** A gzipped backup. */
  readonly file: string;
  /** The data directory of an API that does not run. */
  readonly dataDir: string;
  /** Milliseconds since the epoch, for the name of what is replaced. */
  readonly now: number;
}

export interface Restored {
  readonly objects: number;
  readonly revision: Revision;
  /** Where the store is that was there before; absent: there was none. */
  readonly replaced?: string;
}

/**
 * Puts a backup in the place of an API's store, which is kept beside it. History is not in a backup: who
 * watched lists anew. Nothing has changed when this throws: BackupDamaged, or Misconfiguration when a
 * process has the store open.
 */
export async function restoreStore({ file, dataDir, now }: Restoring): Promise<Restored> {
  const directory = join(dataDir, 'objects');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await refuseIfOpen(directory, now);
  const draft = `${directory}.restoring`;
  await rm(draft, { recursive: true, force: true });
  const { objects, revision, files } = await fill(draft, file, now);
  const replaced = `${directory}.replaced-${now}`;
  const isReplaced = await renamed(directory, replaced);
  await rename(draft, directory);
  for (const [name, text] of files) await writeDurably(join(dataDir, name), text, secretMode);
  return { objects, revision, ...(isReplaced ? { replaced } : {}) };
}

/** A store that cannot be read is no reason: it is to be replaced. */
async function refuseIfOpen(directory: string, now: number): Promise<void> {
  if (!existsSync(directory)) return;
  try {
    const visit = (): void => undefined;
    const store = await openStore(directory, { whenCorrupt: 'fail', now: () => now, visit });
    await store[Symbol.asyncDispose]();
  } catch (error) {
    if (error instanceof Misconfiguration) throw error;
  }
}

interface Filled {
  readonly objects: number;
  readonly revision: Revision;
  readonly files: ReadonlyMap<string, string>;
}

async function fill(directory: string, file: string, now: number): Promise<Filled> {
  await using store = await openStore(directory, { whenCorrupt: 'fail', now: () => now });
  const files = new Map<string, string>();
  let [objects, revision] = [0, 0];
  let batch: Write[] = [];
  for await (const entry of readBackup(createReadStream(file))) {
    if (entry.type === 'head') revision = entry.revision;
    if (entry.type === 'file') files.set(basename(entry.name), entry.text);
    if (entry.type === 'object') objects += 1;
    batch.push(...writesOf(store, entry));
    if (batch.length < batchSize) continue;
    await store.commit(batch);
    batch = [];
  }
  await store.commit(batch);
  return { objects, revision, files };
}

function writesOf(store: Store, entry: BackupEntry): readonly Write[] {
  switch (entry.type) {
    case 'head':
      return [store.table('meta').put('first-revision', Buffer.from(String(entry.revision)))];
    case 'object':
      return [store.table('objects').put(entry.key, Buffer.from(JSON.stringify(entry.object)))];
    case 'file':
      return [];
  }
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
