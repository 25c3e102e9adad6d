import { mkdir, rename } from 'node:fs/promises';
import type { AbstractSublevel } from 'abstract-level';
import { Level } from 'level';
import { EdgeError, Misconfiguration, codeOf, messageOf } from './errors.ts';

/** The disk refused a write (full, read-only, failing): nothing of the batch was kept. */
export class StoreWriteFailed extends EdgeError {
  readonly code = 'store.write-failed';
  readonly disposition = 'retry';
}

/** One write as data; made by a Table, done by `Store.commit`. */
export interface Write {
  readonly table: Table;
  readonly key: string;
  /** Absent: delete the key. */
  readonly value?: Uint8Array;
}

export interface Range {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

type Sublevel = AbstractSublevel<
  Level<string, Uint8Array>,
  string | Buffer | Uint8Array,
  string,
  Uint8Array
>;

/** One purpose's keys within a store, in the order of their UTF-8 bytes. */
export class Table {
  readonly #sublevel: Sublevel;

  constructor(sublevel: Sublevel) {
    this.#sublevel = sublevel;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#sublevel.get(key);
  }

  /** The values of `keys`, in their order. */
  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#sublevel.getMany(keys);
  }

  entries(range: Range = {}): AsyncIterable<[string, Uint8Array]> {
    return this.#sublevel.iterator(range);
  }

  keys(range: Range = {}): AsyncIterable<string> {
    return this.#sublevel.keys(range);
  }

  put(key: string, value: Uint8Array): Write {
    return { table: this, key, value };
  }

  del(key: string): Write {
    return { table: this, key };
  }

  /** For the store alone. */
  toOperation({ key, value }: Write): Operation {
    return value === undefined
      ? { type: 'del', key, sublevel: this.#sublevel }
      : { type: 'put', key, value, sublevel: this.#sublevel };
  }
}

type Operation =
  | { type: 'del'; key: string; sublevel: Sublevel }
  | { type: 'put'; key: string; value: Uint8Array; sublevel: Sublevel };

interface Pending {
  readonly writes: readonly Write[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A LevelDB directory, owned by one process, with **group commit**: everything committed while one
 * synced batch is being written goes into the next one, so durability costs one `fsync` per batch and
 * not per write. Batches are atomic and keep the order of the calls.
 */
export class Store implements AsyncDisposable {
  readonly #level: Level<string, Uint8Array>;
  readonly #tables = new Map<string, Table>();
  #queue: Pending[] = [];
  #writing: Promise<void> | undefined;

  constructor(level: Level<string, Uint8Array>) {
    this.#level = level;
  }

  table(name: string): Table {
    const known = this.#tables.get(name);
    if (known) return known;
    const table = new Table(sublevelOf(this.#level, name));
    this.#tables.set(name, table);
    return table;
  }

  /** Resolves when every write is on disk (synced); rejects with StoreWriteFailed when none is. */
  commit(writes: readonly Write[]): Promise<void> {
    if (writes.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#queue.push({ writes, resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#writing) await this.#writing;
    await this.#level.close();
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // let the rest of this turn join the first batch
    while (this.#queue.length > 0) {
      const group = this.#queue;
      this.#queue = [];
      await this.#write(group);
    }
    this.#writing = undefined;
  }

  async #write(group: readonly Pending[]): Promise<void> {
    const operations = group.flatMap(({ writes }) =>
      writes.map((write) => write.table.toOperation(write)),
    );
    try {
      await this.#level.batch(operations, { sync: true });
      for (const { resolve } of group) resolve();
    } catch (error) {
      const failure = new StoreWriteFailed(
        `failed to commit ${operations.length} writes: ${messageOf(error)}`,
        { cause: error },
      );
      for (const { reject } of group) reject(failure);
    }
  }
}

function sublevelOf(level: Level<string, Uint8Array>, name: string): Sublevel {
  return level.sublevel<string, Uint8Array>(name, { keyEncoding: 'utf8', valueEncoding: 'view' });
}

export interface StoreOptions {
  /** What to do with a store that cannot be read: `fail`, or set it aside and begin an empty one. */
  readonly whenCorrupt: 'fail' | 'set-aside';
  /** Milliseconds since the epoch, for the name of a store set aside. */
  readonly now: () => number;
  /** Told where a corrupt store was moved. */
  readonly onSetAside?: (path: string, cause: unknown) => void;
}

/** Opens or makes the store in `directory`. Throws Misconfiguration when another process owns it. */
export async function openStore(directory: string, options: StoreOptions): Promise<Store> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    return new Store(await openLevel(directory));
  } catch (error) {
    if (causeCode(error) === 'LEVEL_LOCKED')
      throw new Misconfiguration(`${directory} is in use by another process`, { cause: error });
    if (options.whenCorrupt === 'fail' || causeCode(error) !== 'LEVEL_CORRUPTION') throw error;
    const aside = `${directory}.corrupt-${options.now()}`;
    await rename(directory, aside);
    options.onSetAside?.(aside, error);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new Store(await openLevel(directory));
  }
}

async function openLevel(directory: string): Promise<Level<string, Uint8Array>> {
  const level = new Level<string, Uint8Array>(directory, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
  });
  await level.open();
  return level;
}

/** `level` wraps the reason (`LEVEL_LOCKED`, `LEVEL_CORRUPTION`) into `LEVEL_DATABASE_NOT_OPEN`. */
function causeCode(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : codeOf(error);
}
