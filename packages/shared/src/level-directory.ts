import type { AbstractSublevel } from 'abstract-level';
import { Level } from 'level';
import { proveRoom } from './disk-room.ts';

/** One table of a directory: keys are text, values bytes. */
export type Sublevel = AbstractSublevel<
  Level<string, Uint8Array>,
  string | Buffer | Uint8Array,
  string,
  Uint8Array
>;

/** A key with its value; without one, the key is to go. */
export interface RawWrite {
  readonly table: string;
  readonly key: string;
  readonly value?: Uint8Array;
}

/** Room that must be on the disk before it is trusted again, bytes: twice what LevelDB tidies up at once. */
export const trustedRoomBytes: number = 8 * 1024 * 1024;

const textKeys = { keyEncoding: 'utf8', valueEncoding: 'view' } as const;
const rawKeys = { keyEncoding: 'view' } as const;

/**
 * A directory of LevelDB, which is opened anew after the disk has refused a write.
 *
 * LevelDB goes on behind a record of which the disk took only a part, and what is written there is lost
 * when its log is read again; after a refusal in the midst of tidying up it takes nothing any more. So
 * once the disk has refused a batch, nothing is written until the directory was opened anew, which takes
 * room: until then everything can still be read.
 */
export class LevelDirectory implements AsyncDisposable {
  readonly #path: string;
  readonly #level: Level<string, Uint8Array>;
  readonly #sublevels = new Map<string, Sublevel>();
  #refused = false;
  #opening: Promise<void> | undefined;

  private constructor(path: string, level: Level<string, Uint8Array>) {
    this.#path = path;
    this.#level = level;
  }

  /** Throws what LevelDB says; its `cause` has the code. */
  static async open(path: string): Promise<LevelDirectory> {
    const level = new Level<string, Uint8Array>(path, textKeys);
    await level.open();
    return new LevelDirectory(path, level);
  }

  /** A promise only while the directory is being opened anew. */
  sublevel(name: string): Sublevel | Promise<Sublevel> {
    return this.#opening ? this.#opening.then(() => this.#opened(name)) : this.#opened(name);
  }

  /** All of it, synced, or nothing. One at a time. */
  async write(writes: readonly RawWrite[]): Promise<void> {
    try {
      if (this.#refused) await this.#openAnew();
      await this.#level.batch(
        writes.map((write) => toOperation(write, this.#opened(write.table))),
        { sync: true },
      );
    } catch (error) {
      this.#refused = true;
      throw error;
    }
  }

  /** Every entry of every table, by its key as it is on disk, which need not be text. */
  entries(): AsyncIterable<[Uint8Array, Uint8Array]> {
    return this.#level.iterator<Uint8Array, Uint8Array>(rawKeys);
  }

  /** By their keys as they are on disk; synced. */
  async delete(keys: readonly Uint8Array[]): Promise<void> {
    const deletions = keys.map((key) => ({ type: 'del', key }) as const);
    await this.#level.batch<Uint8Array, Uint8Array>(deletions, { ...rawKeys, sync: true });
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
    const sublevel: Sublevel = this.#level.sublevel<string, Uint8Array>(name, textKeys);
    this.#sublevels.set(name, sublevel);
    return sublevel;
  }
}

type Operation =
  | { type: 'del'; key: string; sublevel: Sublevel }
  | { type: 'put'; key: string; value: Uint8Array; sublevel: Sublevel };

function toOperation({ key, value }: RawWrite, sublevel: Sublevel): Operation {
  return value === undefined
    ? { type: 'del', key, sublevel }
    : { type: 'put', key, value, sublevel };
}
