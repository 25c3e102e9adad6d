import { GroupCommit } from '@skerry/shared/group-commit';
import {
  StoreWriteFailed,
  type Range,
  type Store,
  type Table,
  type Write,
} from '@skerry/shared/store';
import type { Machine } from './machine.ts';

type Values = Map<string, Uint8Array>;

/** Keys and values that survive the process: what has been synced, and nothing else. */
export class SimDisk {
  readonly #tables = new Map<string, Values>();
  /** Refuses every write, as a full disk does. */
  isFull = false;
  /** Batches that it refused. */
  refusals = 0;
  /** Told of each batch just before it is on the disk; what it throws is a broken promise. */
  onWrite: (writes: readonly Write[], disk: SimDisk) => void = () => undefined;

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
    this.onWrite(writes, this);
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

/**
 * A store on a simulated disk. A batch reaches the disk at one moment, whole, and the process learns it at
 * a later one: a crash falls before, between or after. Reads take time, too.
 */
export class SimStore implements Store {
  readonly #disk: SimDisk;
  readonly #machine: Machine;
  readonly #commits = new GroupCommit<Write>((writes) => this.#write(writes));

  constructor(disk: SimDisk, machine: Machine) {
    this.#disk = disk;
    this.#machine = machine;
  }

  table(name: string): Table {
    const read = <T>(what: () => T): Promise<T> => this.#read(what);
    const disk = this.#disk;
    async function* walk<T>(found: readonly T[]): AsyncGenerator<T, void> {
      yield* await read(() => found);
    }
    return {
      get: (key) => read(() => disk.read(name, key)),
      getMany: (keys) => read(() => keys.map((key) => disk.read(name, key))),
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

  #write(writes: readonly Write[]): Promise<void> {
    const { timeline, name } = this.#machine;
    return new Promise((resolve, reject) => {
      this.#machine.later(timeline.random.delay(4, 300), () => {
        if (this.#disk.isFull) {
          this.#disk.refusals++;
          timeline.note(`${name} cannot write`);
          reject(new StoreWriteFailed('no space left on device'));
          return;
        }
        timeline.note(`${name} writes ${writes.map(({ key }) => key).join(' ')}`);
        try {
          this.#disk.write(writes);
        } catch (error) {
          timeline.fail(error);
        }
        this.#machine.later(timeline.random.delay(1, 20), resolve);
      });
    });
  }

  /** What is read was there at the beginning or at the end of the time it took. */
  #read<T>(what: () => T): Promise<T> {
    const { random } = this.#machine.timeline;
    const before = random.chance(0.5) ? { value: what() } : undefined;
    return new Promise((resolve) => {
      this.#machine.later(random.delay(1, 50), () => resolve(before ? before.value : what()));
    });
  }
}
