import type { KubeObject } from '@skerry/apiserver/json';
import type { Clock } from '@skerry/shared/clock';
import { parseJson } from '@skerry/shared/parse-json';
import type { Store, Table, Write } from '@skerry/shared/store';
import type { Fetched } from './fetched.ts';

/** What is kept of what was read, bytes; the oldest goes first. */
export const maxFetchedBytes: number = 16 * 1024 * 1024;
/** How long it is kept, milliseconds: seven days. */
export const maxFetchedMs: number = 7 * 24 * 60 * 60 * 1_000;
/** What is read again unchanged within this time is not written again, milliseconds. */
const rewriteAfterMs = 60_000;

/** Told why something is not kept any more: there is too much, or it is too old. */
export type Dropped = (reason: 'overflow' | 'expired') => void;

interface Entry {
  readonly at: number;
  readonly bytes: number;
  readonly version: string;
}

/** Where an object is: `resource/namespace/name`. With a `/` at its end, everything beneath. */
export type Place = string;

/**
 * What was read from the cluster and is not held, by who was allowed to read it: nobody else is shown it.
 * On disk, bounded by bytes and age.
 */
export class FetchedStore {
  readonly #store: Store;
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #dropped: Dropped;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  private constructor(store: Store, clock: Clock, dropped: Dropped) {
    this.#store = store;
    this.#table = store.table('fetched');
    this.#clock = clock;
    this.#dropped = dropped;
  }

  static async open(store: Store, clock: Clock, dropped: Dropped): Promise<FetchedStore> {
    const opened = new FetchedStore(store, clock, dropped);
    const found: [string, Entry][] = [];
    for await (const [key, value] of opened.#table.entries())
      found.push([key, entryOf(parseJson(value) as Fetched, value.length)]);
    for (const [key, entry] of found.sort(([, a], [, b]) => a.at - b.at)) opened.#note(key, entry);
    return opened;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What was read of one place or beneath it, as long as it is not too old. */
  async at(user: string, place: Place): Promise<Fetched[]> {
    const keys = this.#within(user, place).filter((key) => !this.#isOld(this.#entries.get(key)));
    const values = await this.#table.getMany(keys);
    return values.flatMap((value) => (value ? [parseJson(value) as Fetched] : []));
  }

  /** Keeps what was read now. Rejects with StoreWriteFailed. */
  async keep(user: string, read: ReadonlyMap<Place, Fetched>): Promise<void> {
    const writes: Write[] = [];
    for (const [place, fetched] of read) {
      const key = keyOf(user, place);
      const value = Buffer.from(JSON.stringify(fetched));
      const entry = entryOf(fetched, value.length);
      if (isFresh(this.#entries.get(key), entry)) continue;
      this.#note(key, entry);
      writes.push(this.#table.put(key, value));
    }
    writes.push(...this.#evict());
    if (writes.length > 0) await this.#store.commit(writes);
  }

  /** Forgets what is gone, or may not be read any more: what is at these places or beneath them. */
  async forget(user: string, places: readonly Place[]): Promise<void> {
    const gone = places.flatMap((place) => this.#within(user, place));
    if (gone.length > 0) await this.#store.commit(gone.map((key) => this.#drop(key)));
  }

  #within(user: string, place: Place): string[] {
    const key = keyOf(user, place);
    if (!place.endsWith('/')) return this.#entries.has(key) ? [key] : [];
    return [...this.#entries.keys()].filter((each) => each.startsWith(key));
  }

  #evict(): Write[] {
    const writes: Write[] = [];
    for (const [key, entry] of this.#entries) {
      const isOld = this.#isOld(entry);
      if (this.#bytes <= maxFetchedBytes && !isOld) break;
      this.#dropped(isOld ? 'expired' : 'overflow');
      writes.push(this.#drop(key));
    }
    return writes;
  }

  #isOld(entry: Entry | undefined): boolean {
    return !entry || this.#clock.now() - entry.at > maxFetchedMs;
  }

  #note(key: string, entry: Entry): void {
    this.#unnote(key);
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
  }

  #unnote(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }

  #drop(key: string): Write {
    this.#unnote(key);
    return this.#table.del(key);
  }
}

function keyOf(user: string, place: Place): string {
  return `${user}/${place}`;
}

function entryOf({ at, object }: Fetched, bytes: number): Entry {
  return { at, bytes, version: versionOf(object) };
}

function versionOf({ apiVersion, metadata }: KubeObject): string {
  return `${apiVersion} ${metadata.uid ?? ''} ${metadata.resourceVersion ?? ''}`;
}

function isFresh(before: Entry | undefined, now: Entry): boolean {
  return before?.version === now.version && now.at - before.at < rewriteAfterMs;
}
