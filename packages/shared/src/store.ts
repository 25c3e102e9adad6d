import { mkdir, rename } from 'node:fs/promises';
import type { AbstractSublevel } from 'abstract-level';
import { Level } from 'level';
import { proveRoom } from './disk-room.ts';
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
  readonly #directory: LevelDirectory;

  constructor(directory: LevelDirectory, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#read((sublevel) => sublevel.get(key));
  }

  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#read((sublevel) => sublevel.getMany(keys));
  }

  entries(range: Range = {}): AsyncIterable<[string, Uint8Array]> {
    return this.#walk((sublevel) => sublevel.iterator(range));
  }

  keys(range: Range = {}): AsyncIterable<string> {
    return this.#walk((sublevel) => sublevel.keys(range));
  }

  put(key: string, value: Uint8Array): Write {
    return { table: this.#name, key, value };
  }

  del(key: string): Write {
    return { table: this.#name, key };
  }

  /** At once, unless the directory is being opened: then as soon as it is. */
  #read<T>(act: (sublevel: Sublevel) => Promise<T>): Promise<T> {
    const sublevel = this.#directory.sublevel(this.#name);
    return sublevel instanceof Promise ? sublevel.then(act) : act(sublevel);
  }

  #walk<T>(begin: (sublevel: Sublevel) => AsyncIterable<T>): AsyncIterable<T> {
    const sublevel = this.#directory.sublevel(this.#name);
    return sublevel instanceof Promise ? walkLater(sublevel, begin) : begin(sublevel);
  }
}

async function* walkLater<T>(
  sublevel: Promise<Sublevel>,
  begin: (sublevel: Sublevel) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  yield* begin(await sublevel);
}

type Operation =
  | { type: 'del'; key: string; sublevel: Sublevel }
  | { type: 'put'; key: string; value: Uint8Array; sublevel: Sublevel };

/** Room that must be on the disk before it is trusted again, bytes: twice what LevelDB tidies up at once. */
export const trustedRoomBytes: number = 8 * 1024 * 1024;

/**
 * LevelDB goes on behind a record of which the disk took only a part, and what is written there is lost
 * when its log is read again; after a refusal in the midst of tidying up it takes nothing any more. So
 * once the disk has refused a batch, nothing is written until the directory was opened anew, which takes
 * room: until then everything can still be read.
 */
class LevelDirectory implements AsyncDisposable {
  readonly #path: string;
  readonly #level: Level<string, Uint8Array>;
  readonly #sublevels = new Map<string, Sublevel>();
  #refused = false;
  #opening: Promise<void> | undefined;

  constructor(path: string, level: Level<string, Uint8Array>) {
    this.#path = path;
    this.#level = level;
  }

  /** A promise only while the directory is being opened anew. */
  sublevel(name: string): Sublevel | Promise<Sublevel> {
    return this.#opening ? this.#opening.then(() => this.#opened(name)) : this.#opened(name);
  }

  /** All of it, synced, or nothing. One at a time. */
  async write(writes: readonly Write[]): Promise<void> {
    try {
      if (this.#refused) await this.#openAnew();
      const operations = writes.map((write) => toOperation(write, this.#opened(write.table)));
      await this.#level.batch(operations, { sync: true });
    } catch (error) {
      this.#refused = true;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#level.close();
  }

  async #openAnew(): Promise<void> {
    await proveRoom(this.#path, trustedRoomBytes);
    this.#opening = this.#level
      .close()
      .then(() => this.#level.open())
      .finally(() => {
        this.#sublevels.clear(); // they were closed with it
        this.#opening = undefined;
      });
    await this.#opening;
    this.#refused = false;
  }

  #opened(name: string): Sublevel {
    const known = this.#sublevels.get(name);
    if (known) return known;
    const options = { keyEncoding: 'utf8', valueEncoding: 'view' } as const;
    const sublevel: Sublevel = this.#level.sublevel<string, Uint8Array>(name, options);
    this.#sublevels.set(name, sublevel);
    return sublevel;
  }
}

function toOperation({ key, value }: Write, sublevel: Sublevel): Operation {
  return value === undefined
    ? { type: 'del', key, sublevel }
    : { type: 'put', key, value, sublevel };
}

class LevelStore implements Store {
  readonly #directory: LevelDirectory;
  readonly #tables = new Map<string, Table>();
  readonly #commits = new GroupCommit<Write>((writes) => this.#write(writes));

  constructor(directory: LevelDirectory) {
    this.#directory = directory;
  }

  table(name: string): Table {
    const known = this.#tables.get(name);
    if (known) return known;
    const table = new LevelTable(this.#directory, name);
    this.#tables.set(name, table);
    return table;
  }

  commit(writes: readonly Write[]): Promise<void> {
    return this.#commits.commit(writes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commits.settled();
    await this.#directory[Symbol.asyncDispose]();
  }

  async #write(writes: readonly Write[]): Promise<void> {
    try {
      await this.#directory.write(writes);
    } catch (error) {
      throw new StoreWriteFailed(`failed to commit ${writes.length} writes: ${messageOf(error)}`, {
        cause: error,
      });
    }
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
    return await openLevel(directory);
  } catch (error) {
    if (causeCode(error) === 'LEVEL_LOCKED')
      throw new Misconfiguration(`${directory} is in use by another process`, { cause: error });
    if (options.whenCorrupt === 'fail' || causeCode(error) !== 'LEVEL_CORRUPTION') throw error;
    const aside = `${directory}.corrupt-${options.now()}`;
    await rename(directory, aside);
    options.onSetAside?.(aside, error);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await openLevel(directory);
  }
}

async function openLevel(directory: string): Promise<Store> {
  const level = new Level<string, Uint8Array>(directory, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
  });
  await level.open();
  return new LevelStore(new LevelDirectory(directory, level));
}

/** `level` wraps the reason (`LEVEL_LOCKED`, `LEVEL_CORRUPTION`) into `LEVEL_DATABASE_NOT_OPEN`. */
function causeCode(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : codeOf(error);
}
