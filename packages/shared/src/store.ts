import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import type { AbstractIterator } from 'abstract-level';
import { unseal } from './checksum.ts';
import { readIfPresent } from './durable-file.ts';
import { EdgeError, Misconfiguration, messageOf } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import {
  DirectoryKills,
  LevelDirectory,
  fullKey,
  isCorruption,
  isLocked,
  type Sublevel,
  type Visit,
  type StoreBuffers,
} from './level-directory.ts';

/** The disk refused a write (full, read-only, failing): nothing of the batch was kept. */
export class StoreWriteFailed extends EdgeError {
  readonly code = 'store.write-failed';
  readonly disposition = 'retry';
}

/** An entry is not what was written: the disk has changed it, or it was cut short. */
export class StoreDamaged extends EdgeError {
  readonly code = 'store.damaged';
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

/** Of a sublevel; its own type has forgotten what it yields. */
type SublevelIterator = Pick<AbstractIterator<Sublevel, string, Uint8Array>, 'nextv'> &
  AsyncDisposable;

/** Entries that a reader of many holds in memory at once. */
const readTogether = 256;

class LevelTable implements Table {
  readonly #name: string;
  readonly #directory: LevelDirectory;

  constructor(directory: LevelDirectory, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#read(async (sublevel) => this.#opened(key, await sublevel.get(key)));
  }

  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#read(async (sublevel) => {
      const sealed = await sublevel.getMany(keys);
      return sealed.map((value, at) => this.#opened(keys[at] ?? '', value));
    });
  }

  entries(range: Range = {}): AsyncIterable<[string, Uint8Array]> {
    return this.#walk((sublevel) => this.#openedAll(sublevel.iterator(range)));
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

  /** In batches: a step of an iterator costs more than what it reads. */
  async *#openedAll(iterator: SublevelIterator): AsyncGenerator<[string, Uint8Array], void> {
    await using entries = iterator;
    for (;;) {
      const batch = await entries.nextv(readTogether);
      if (batch.length === 0) return;
      for (const [key, sealed] of batch) {
        const value = this.#opened(key, sealed);
        if (value) yield [key, value];
      }
    }
  }

  #opened(key: string, sealed: Uint8Array | undefined): Uint8Array | undefined {
    if (!sealed) return undefined;
    const value = unseal(fullKey(this.#name, key), sealed);
    if (!value) throw new StoreDamaged(`the entry ${key} in ${this.#name} is damaged`);
    return value;
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

class LevelStore implements Store {
  readonly #directory: LevelDirectory;
  readonly #tables = new Map<string, Table>();
  readonly #commits: GroupCommit<Write>;

  constructor(directory: LevelDirectory, { onCommit = (commit) => commit() }: StoreOptions) {
    this.#directory = directory;
    this.#commits = new GroupCommit((writes) => onCommit(() => this.#write(writes)));
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
  /**
   * What to do with a store that cannot be read: `fail`, or set it aside and begin an empty one. Where
   * only some entries are damaged: `fail`, or delete them and keep the rest.
   */
  readonly whenCorrupt: 'fail' | 'set-aside';
  /** Absent: as for a store that serves many. */
  readonly buffers?: StoreBuffers;
  /** Milliseconds since the epoch, for the name of a store set aside. */
  readonly now: () => number;
  /** Told where a corrupt store was moved. */
  readonly onSetAside?: (path: string, cause: unknown) => void;
  /** Told how many damaged entries were deleted, and the key of one, as `"!table!key"`. */
  readonly onDamaged?: (count: number, example: string) => void;
  /** Brings a batch to the disk by calling what it is given, once; for who measures it. */
  readonly onCommit?: (commit: () => Promise<void>) => Promise<void>;
  /**
   * Told of every entry while the store is checked, in the order of tables and keys. Saves most of the
   * check, so only for who reads nothing from the disk afterwards.
   */
  readonly visit?: Visit;
}

/**
 * Opens or makes the store in `directory`, and reads all of it once.
 *
 * @throws Misconfiguration when another process owns it.
 * @throws StoreDamaged when entries are damaged and that is to fail.
 */
export async function openStore(directory: string, options: StoreOptions): Promise<Store> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    return new LevelStore(
      await survived(`${directory}.opening`, () => openSound(directory, options)),
      options,
    );
  } catch (error) {
    if (isLocked(error))
      throw new Misconfiguration(`${directory} is in use by another process`, { cause: error });
    if (options.whenCorrupt === 'fail' || !(await isCorruption(error, directory))) throw error;
    const aside = `${directory}.corrupt-${options.now()}`;
    await rename(directory, aside);
    options.onSetAside?.(aside, error);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new LevelStore(await LevelDirectory.open(directory, options.buffers), options);
  }
}

/** So many processes in a row may die while they open a store before it is taken for the cause. */
const deathsTolerated = 3;

/**
 * Damage can end the whole process: native code gives up where it finds a size that cannot be. So those
 * who try are counted in a file that goes when one has survived.
 *
 * @throws DirectoryKills instead of trying again.
 */
async function survived<T>(mark: string, attempt: () => Promise<T>): Promise<T> {
  const deaths = Number(await readIfPresent(mark));
  if (deaths >= deathsTolerated) {
    await rm(mark, { force: true });
    throw new DirectoryKills(`${deaths} processes in a row died while they opened it`);
  }
  await writeFile(mark, String(deaths + 1)).catch(() => undefined); // a disk that is full counts nothing
  try {
    return await attempt();
  } finally {
    await rm(mark, { force: true });
  }
}

/** Opened, and without damaged entries. */
async function openSound(
  path: string,
  { whenCorrupt, onDamaged, visit, buffers }: StoreOptions,
): Promise<LevelDirectory> {
  const directory = await LevelDirectory.open(path, buffers);
  try {
    const damaged = await directory.damaged(visit);
    const [first] = damaged;
    if (!first) return directory;
    const example = JSON.stringify(Buffer.from(first).toString());
    const what = `${damaged.length} entries of ${path} are damaged, ${example} among them`;
    if (whenCorrupt === 'fail') throw new StoreDamaged(what);
    await directory.remove(damaged);
    onDamaged?.(damaged.length, example);
    return directory;
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
}
