import { mkdir, rename } from 'node:fs/promises';
import type { AbstractSublevel } from 'abstract-level';
import { Level } from 'level';
import { EdgeError, Misconfiguration, codeOf, messageOf } from './errors.ts';
import { GroupCommit } from './group-commit.ts';

/** The disk refused a write (full, read-only, failing): nothing of the batch was kept. */
export class StoreWriteFailed extends EdgeError {
  readonly code = 'store.write-failed';
  readonly disposition = 'retry';
}

/** One write as data; made by a Table, done by `Store.commit`. */
export interface Write {
  /** Name of the table. */
  readonly table: string;
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

/** One purpose's keys within a store, in the order of their UTF-8 bytes. */
export interface Table {
  get(key: string): Promise<Uint8Array | undefined>;
  /** The values of `keys`, in their order. */
  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]>;
  /** What there is at the moment of the call. */
  entries(range?: Range): AsyncIterable<[string, Uint8Array]>;
  keys(range?: Range): AsyncIterable<string>;
  put(key: string, value: Uint8Array): Write;
  del(key: string): Write;
}

/**
 * Tables on one disk, owned by one process, with **group commit** (`group-commit.ts`). Batches are atomic
 * and keep the order of the calls.
 */
export interface Store extends AsyncDisposable {
  table(name: string): Table;
  /** Resolves when every write is on disk (synced); rejects with StoreWriteFailed when none is. */
  commit(writes: readonly Write[]): Promise<void>;
}

type Sublevel = AbstractSublevel<
  Level<string, Uint8Array>,
  string | Buffer | Uint8Array,
  string,
  Uint8Array
>;

class LevelTable implements Table {
  readonly #name: string;
  readonly sublevel: Sublevel;

  constructor(level: Level<string, Uint8Array>, name: string) {
    this.#name = name;
    this.sublevel = level.sublevel(name, { keyEncoding: 'utf8', valueEncoding: 'view' });
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.sublevel.get(key);
  }

  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    return this.sublevel.getMany(keys);
  }

  entries(range: Range = {}): AsyncIterable<[string, Uint8Array]> {
    return this.sublevel.iterator(range);
  }

  keys(range: Range = {}): AsyncIterable<string> {
    return this.sublevel.keys(range);
  }

  put(key: string, value: Uint8Array): Write {
    return { table: this.#name, key, value };
  }

  del(key: string): Write {
    return { table: this.#name, key };
  }
}

type Operation =
  | { type: 'del'; key: string; sublevel: Sublevel }
  | { type: 'put'; key: string; value: Uint8Array; sublevel: Sublevel };

/** A LevelDB directory. */
class LevelStore implements Store {
  readonly #level: Level<string, Uint8Array>;
  readonly #tables = new Map<string, LevelTable>();
  readonly #commits = new GroupCommit<Write>((writes) => this.#write(writes));

  constructor(level: Level<string, Uint8Array>) {
    this.#level = level;
  }

  table(name: string): LevelTable {
    const known = this.#tables.get(name);
    if (known) return known;
    const table = new LevelTable(this.#level, name);
    this.#tables.set(name, table);
    return table;
  }

  commit(writes: readonly Write[]): Promise<void> {
    return this.#commits.commit(writes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commits.settled();
    await this.#level.close();
  }

  async #write(writes: readonly Write[]): Promise<void> {
    try {
      await this.#level.batch(
        writes.map((write) => this.#toOperation(write)),
        { sync: true },
      );
    } catch (error) {
      throw new StoreWriteFailed(`failed to commit ${writes.length} writes: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #toOperation({ table, key, value }: Write): Operation {
    const { sublevel } = this.table(table);
    return value === undefined
      ? { type: 'del', key, sublevel }
      : { type: 'put', key, value, sublevel };
  }
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
    return new LevelStore(await openLevel(directory));
  } catch (error) {
    if (causeCode(error) === 'LEVEL_LOCKED')
      throw new Misconfiguration(`${directory} is in use by another process`, { cause: error });
    if (options.whenCorrupt === 'fail' || causeCode(error) !== 'LEVEL_CORRUPTION') throw error;
    const aside = `${directory}.corrupt-${options.now()}`;
    await rename(directory, aside);
    options.onSetAside?.(aside, error);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new LevelStore(await openLevel(directory));
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
