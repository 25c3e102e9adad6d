import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openObjectStore, type ObjectStore } from '../storage/object-store.ts';
import type { LogLimits } from '../storage/resource-log.ts';

/** A store in a directory of its own, which can be closed and opened again. */
export interface TemporaryStore extends AsyncDisposable {
  readonly store: ObjectStore;
  /** As a process does that ends and starts again. */
  reopen(): Promise<ObjectStore>;
  readonly directory: string;
}

export async function temporaryStore(limits?: LogLimits): Promise<TemporaryStore> {
  const directory = await mkdtemp(join(tmpdir(), 'skerry-objects-'));
  const open = (): Promise<ObjectStore> =>
    openObjectStore({ directory, now: () => 1_000_000, ...(limits ? { limits } : {}) });
  let store = await open();
  return {
    directory,
    get store() {
      return store;
    },
    reopen: async () => {
      await store[Symbol.asyncDispose]();
      store = await open();
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}
