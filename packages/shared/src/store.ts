import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { AbstractSublevel } from 'abstract-level';
import { Level } from 'level';
import { seal, unseal } from './checksum.ts';
import { readIfPresent } from './durable-file.ts';
import { EdgeError, Misconfiguration, codeOf, messageOf } from './errors.ts';
import { GroupCommit } from './group-commit.ts';

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

type Sublevel = AbstractSublevel<
  Level<string, Uint8Array>,
  string | Buffer | Uint8Array,
  string,
  Uint8Array
>;

/** As `abstract-level` writes the keys of a sublevel. */
function fullKey(table: string, key: string): string {
  return `!${table}!${key}`;
}

class LevelTable implements Table {
  readonly #name: string;
  readonly sublevel: Sublevel;

  constructor(level: Level<string, Uint8Array>, name: string) {
    this.#name = name;
    this.sublevel = level.sublevel(name, { keyEncoding: 'utf8', valueEncoding: 'view' });
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#opened(key, await this.sublevel.get(key));
  }

  async getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    const sealed = await this.sublevel.getMany(keys);
    return sealed.map((value, at) => this.#opened(keys[at] ?? '', value));
  }

  entries(range: Range = {}): AsyncIterable<[string, Uint8Array]> {
    return this.#openedAll(this.sublevel.iterator(range)); // made now: it shows what there is now
  }

  keys(range: Range = {}): AsyncIterable<string> {
    return this.sublevel.keys(range);
  }

  put(key: string, value: Uint8Array): Write {
    return { table: this.#name, key, value };
  }

  async *#openedAll(
    entries: AsyncIterable<[string, Uint8Array]>,
  ): AsyncGenerator<[string, Uint8Array], void> {
    for await (const [key, sealed] of entries) yield [key, this.#opened(key, sealed)];
  }

  #opened<T extends Uint8Array | undefined>(key: string, sealed: T): Uint8Array | T {
    if (!sealed) return sealed;
    const value = unseal(fullKey(this.#name, key), sealed);
    if (!value) throw new StoreDamaged(`the entry ${key} in ${this.#name} is damaged`);
    return value;
  }

  del(key: string): Write {
    return { table: this.#name, key };
  }
}

type Operation =
  | { type: 'del'; key: string; sublevel: Sublevel }
  | { type: 'put'; key: string; value: Uint8Array; sublevel: Sublevel };

/** A LevelDB directory. LevelDB does not verify what it reads, so every value carries a checksum. */
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
      : { type: 'put', key, value: seal(fullKey(table, key), value), sublevel };
  }
}

export interface StoreOptions {
  /**
   * What to do with a store that cannot be read: `fail`, or set it aside and begin an empty one. Where
   * only some entries are damaged: `fail`, or delete them and keep the rest.
   */
  readonly whenCorrupt: 'fail' | 'set-aside';
  /** Milliseconds since the epoch, for the name of a store set aside. */
  readonly now: () => number;
  /** Told where a corrupt store was moved. */
  readonly onSetAside?: (path: string, cause: unknown) => void;
  /** Told how many damaged entries were deleted, and the key of one, as `"!table!key"`. */
  readonly onDamaged?: (count: number, example: string) => void;
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
    return new LevelStore(await openSound(directory, options));
  } catch (error) {
    if (causeCode(error) === 'LEVEL_LOCKED')
      throw new Misconfiguration(`${directory} is in use by another process`, { cause: error });
    if (options.whenCorrupt === 'fail' || !(await isCorruption(error, directory))) throw error;
    const aside = `${directory}.corrupt-${options.now()}`;
    await rename(directory, aside);
    options.onSetAside?.(aside, error);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new LevelStore(await openLevel(directory));
  }
}

const rawKeys = { keyEncoding: 'view' } as const;

/** Opened, and without damaged entries. */
async function openSound(
  directory: string,
  { whenCorrupt, onDamaged }: StoreOptions,
): Promise<Level<string, Uint8Array>> {
  const level = await openLevel(directory);
  try {
    const damaged: Uint8Array[] = []; // bytes: a damaged key need not be text
    for await (const [key, sealed] of level.iterator<Uint8Array, Uint8Array>(rawKeys))
      if (!unseal(key, sealed)) damaged.push(key);
    const [first] = damaged;
    if (!first) return level;
    const example = JSON.stringify(Buffer.from(first).toString());
    const what = `${damaged.length} entries of ${directory} are damaged, ${example} among them`;
    if (whenCorrupt === 'fail') throw new StoreDamaged(what);
    const deletions = damaged.map((key) => ({ type: 'del', key }) as const);
    await level.batch<Uint8Array, Uint8Array>(deletions, { ...rawKeys, sync: true });
    onDamaged?.(damaged.length, example);
    return level;
  } catch (error) {
    await level.close();
    throw error;
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

/**
 * A disk that fails is another matter: what it holds may be whole. An argument is invalid (EINVAL) where
 * LevelDB followed a damaged pointer to beyond all files.
 */
async function isCorruption(error: unknown, directory: string): Promise<boolean> {
  const code = causeCode(error);
  if (code !== 'LEVEL_IO_ERROR') return code === 'LEVEL_CORRUPTION';
  return messageOf(error).endsWith('Invalid argument') || !(await hasManifest(directory));
}

/** `CURRENT` names the file that says which others belong to the store. */
async function hasManifest(directory: string): Promise<boolean> {
  const current = await readIfPresent(join(directory, 'CURRENT'));
  const [, name] = /^(MANIFEST-\d+)\n$/.exec(current ?? '') ?? [];
  return name !== undefined && (await readdir(directory)).includes(name);
}

/** `level` wraps the reason (`LEVEL_LOCKED`, `LEVEL_CORRUPTION`) into `LEVEL_DATABASE_NOT_OPEN`. */
function causeCode(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : codeOf(error);
}
