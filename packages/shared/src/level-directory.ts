import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AbstractSublevel } from 'abstract-level';
import { Level } from 'level';
import { seal, unseal } from './checksum.ts';
import { proveRoom } from './disk-room.ts';
import { readIfPresent } from './durable-file.ts';
import { EdgeError, codeOf, messageOf } from './errors.ts';

export type Sublevel = AbstractSublevel<
  Level<string, Uint8Array>,
  string | Buffer | Uint8Array,
  string,
  Uint8Array
>;

interface DirectoryWrite {
  readonly table: string;
  readonly key: string;
  /** Absent: delete the key. */
  readonly value?: Uint8Array;
}

type Operation =
  | { type: 'del'; key: string; sublevel: Sublevel }
  | { type: 'put'; key: string; value: Uint8Array; sublevel: Sublevel };

/** What LevelDB may keep in memory. */
export interface StoreBuffers {
  /** Of what was written last, bytes, at most twice. */
  readonly writeBytes: number;
  /** Of what was read, bytes. */
  readonly cacheBytes: number;
}

const defaultBuffers: StoreBuffers = { writeBytes: 4 * 1024 ** 2, cacheBytes: 8 * 1024 ** 2 };

const rawKeys = { keyEncoding: 'view' } as const;

/** Entries that a scan holds in memory at once, and their bytes. */
const scannedTogether = 256;
const scannedBytes = 1024 * 1024;

/** Told of an entry that is as it was written. */
export type Visit = (table: string, key: string, value: Uint8Array) => void;

type RawEntry = [Uint8Array, Uint8Array];

/** As `abstract-level` writes the keys of a sublevel. */
export function fullKey(table: string, key: string): string {
  return `!${table}!${key}`;
}

const fullKeyForm = /^!([^!]*)!(.*)$/s;
const decoder = new TextDecoder();

/** Room that must be on the disk before it is trusted again, bytes: twice what LevelDB tidies up at once. */
export const trustedRoomBytes: number = 8 * 1024 * 1024;

/**
 * LevelDB goes on behind a record of which the disk took only a part, and what is written there is lost
 * when its log is read again; after a refusal in the midst of tidying up it takes nothing any more. So
 * once the disk has refused a batch, nothing is written until the directory was opened anew, which takes
 * room: until then everything can still be read.
 *
 * It does not verify what it reads either, so every value carries a checksum (`checksum.ts`).
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

  static async open(
    path: string,
    { writeBytes, cacheBytes }: StoreBuffers = defaultBuffers,
  ): Promise<LevelDirectory> {
    const level = new Level<string, Uint8Array>(path, {
      keyEncoding: 'utf8',
      valueEncoding: 'view',
      writeBufferSize: writeBytes,
      cacheSize: cacheBytes,
    });
    await level.open();
    return new LevelDirectory(path, level);
  }

  /**
   * Reads everything, each entry in every way in which it can be found: on the way up, on the way down, and
   * by its key, since damage to what leads there shows only to who goes there. Who takes every entry by
   * `visit`, in the order of the keys, is taken to go no other way. Returns the keys of what is not as it
   * was written, as bytes: they need not be text. Throws what LevelDB throws when it is lost.
   */
  async damaged(visit?: Visit): Promise<Uint8Array[]> {
    const damaged: Uint8Array[] = [];
    const options = { ...rawKeys, highWaterMarkBytes: scannedBytes };
    await using up = this.#level.iterator<Uint8Array, Uint8Array>(options);
    for (;;) {
      const entries = await up.nextv(scannedTogether);
      if (entries.length === 0) break;
      damaged.push(...(visit ? visited(entries, visit) : await this.#lostByKey(entries)));
    }
    if (visit) return damaged;
    await using down = this.#level.keys<Uint8Array>({ ...rawKeys, reverse: true });
    while ((await down.nextv(scannedTogether)).length > 0);
    return damaged;
  }

  async remove(keys: readonly Uint8Array[]): Promise<void> {
    const deletions = keys.map((key) => ({ type: 'del', key }) as const);
    await this.#level.batch<Uint8Array, Uint8Array>(deletions, { ...rawKeys, sync: true });
  }

  /** A promise only while the directory is being opened anew. */
  sublevel(name: string): Sublevel | Promise<Sublevel> {
    return this.#opening ? this.#opening.then(() => this.#opened(name)) : this.#opened(name);
  }

  /** All of it, synced, or nothing. One at a time. */
  async write(writes: readonly DirectoryWrite[]): Promise<void> {
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

  async #lostByKey(entries: readonly RawEntry[]): Promise<Uint8Array[]> {
    const keys = entries.map(([key]) => key);
    const found = await this.#level.getMany<Uint8Array, Uint8Array>(keys, rawKeys);
    return entries
      .filter(([key, sealed], at) => !unseal(key, sealed) || !isSame(found[at], sealed))
      .map(([key]) => key);
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

function toOperation({ table, key, value }: DirectoryWrite, sublevel: Sublevel): Operation {
  return value === undefined
    ? { type: 'del', key, sublevel }
    : { type: 'put', key, value: seal(fullKey(table, key), value), sublevel };
}

/** The keys of those that are damaged. */
function visited(entries: readonly RawEntry[], visit: Visit): Uint8Array[] {
  const damaged: Uint8Array[] = [];
  for (const [key, sealed] of entries) {
    const value = unseal(key, sealed);
    const [, table, name] = value ? (fullKeyForm.exec(decoder.decode(key)) ?? []) : [];
    if (value && table !== undefined && name !== undefined) visit(table, name, value);
    else damaged.push(key);
  }
  return damaged;
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

/** Processes die that read the directory. */
export class DirectoryKills extends EdgeError {
  readonly code = 'store.kills';
  readonly disposition = 'retry';
}

/** Whether another process has the directory. */
export function isLocked(error: unknown): boolean {
  return causeCode(error) === 'LEVEL_LOCKED';
}

/**
 * Whether what the directory holds is not what was written. A disk that fails is another matter: what it
 * holds may be whole. An argument is invalid (EINVAL) where LevelDB followed a damaged pointer to beyond
 * all files.
 */
export async function isCorruption(error: unknown, directory: string): Promise<boolean> {
  if (error instanceof DirectoryKills) return true;
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
