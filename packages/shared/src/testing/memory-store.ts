import { GroupCommit } from '../group-commit.ts';
import type { Range, Store, Table, Write } from '../store.ts';

type Values = Map<string, Uint8Array>;

/** Keys and values that outlive a store: what it has committed, and nothing else. */
export class MemoryDisk {
  readonly #tables = new Map<string, Values>();

  read(table: string, key: string): Uint8Array | undefined {
    return this.#tables.get(table)?.get(key);
  }

  clear(): void {
    this.#tables.clear();
  }

  /** In the order of the keys' UTF-8 bytes. */
  entries(table: string, range: Range = {}): [string, Uint8Array][] {
    const { gt, gte, lt, lte, reverse, limit } = range;
    const found = [...this.#of(table)].filter(
      ([key]) =>
        (gt === undefined || compare(key, gt) > 0) &&
        (gte === undefined || compare(key, gte) >= 0) &&
        (lt === undefined || compare(key, lt) < 0) &&
        (lte === undefined || compare(key, lte) <= 0),
    );
    found.sort(([a], [b]) => (reverse ? compare(b, a) : compare(a, b)));
    return found.slice(0, limit);
  }

  write(writes: readonly Write[]): void {
    for (const { table, key, value } of writes)
      if (value === undefined) this.#of(table).delete(key);
      else this.#of(table).set(key, value);
  }

  #of(table: string): Values {
    const known = this.#tables.get(table);
    if (known) return known;
    const made: Values = new Map();
    this.#tables.set(table, made);
    return made;
  }
}

/** As LevelDB does; ASCII, which is what there is, needs no encoding. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  for (let at = 0; at < a.length && at < b.length; at++) {
    const [left, right] = [a.codePointAt(at)!, b.codePointAt(at)!];
    if (left !== right) return left - right;
  }
  return a.length - b.length;
}

/** When a read or a write of a store in memory takes place. */
export interface DiskTiming {
  read<T>(what: () => T): Promise<T>;
  write(disk: MemoryDisk, writes: readonly Write[]): Promise<void>;
}

/** Within the turn of the event loop in which it is asked for, and never before the caller goes on. */
const atOnce: DiskTiming = {
  read: (what) => Promise.resolve().then(what),
  write: (disk, writes) => Promise.resolve().then(() => disk.write(writes)),
};

/** A store without a disk, for tests that must not wait for one. */
export class MemoryStore implements Store {
  readonly #disk: MemoryDisk;
  readonly #timing: DiskTiming;
  readonly #commits: GroupCommit<Write>;

  constructor(disk: MemoryDisk = new MemoryDisk(), timing: DiskTiming = atOnce) {
    this.#disk = disk;
    this.#timing = timing;
    this.#commits = new GroupCommit((writes) => timing.write(disk, writes));
  }

  table(name: string): Table {
    const [disk, timing] = [this.#disk, this.#timing];
    async function* walk<T>(found: readonly T[]): AsyncGenerator<T, void> {
      yield* await timing.read(() => found);
    }
    return {
      get: (key) => timing.read(() => disk.read(name, key)),
      getMany: (keys) => timing.read(() => keys.map((key) => disk.read(name, key))),
      entries: (range) => walk(disk.entries(name, range)),
      keys: (range) => walk(disk.entries(name, range).map(([key]) => key)),
      put: (key, value) => ({ table: name, key, value }),
      del: (key) => ({ table: name, key }),
    };
  }

  commit(writes: readonly Write[]): Promise<void> {
    return this.#commits.commit(writes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commits.settled();
  }
}
