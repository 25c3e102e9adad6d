import { messageOf, Misconfiguration } from '@skerry/shared/errors';
import {
  openStore,
  type Store,
  type StoreOptions,
  type Table,
  type Write,
} from '@skerry/shared/store';
import type { KubeObject } from '../json.ts';
import type { Snapshot } from './backup.ts';
import { encodeHeld, Held, type Revision, type StorageKey } from './held.ts';
import { KeyLock } from './key-lock.ts';
import { encodeRecord } from './log-record.ts';
import { firstRevisionKey, Loading, type Loaded } from './load.ts';
import type { ReadableObjects } from './readable-objects.ts';
import type { LogEvent, LogLimits, ResourceLog } from './resource-log.ts';
import type { Shelf, Shelves } from './shelves.ts';
import { eventKey, floorKey, objectKey } from './disk-keys.ts';

/** What to do with an object, decided from the state in which it is held. */
export type Decision =
  | { readonly do: 'keep' }
  | { readonly do: 'put'; readonly object: KubeObject }
  /** `object` is the last state that watchers see. */
  | { readonly do: 'remove'; readonly object: KubeObject };

/** Sees the state held when it is asked; may throw to leave it as it is. Owns what it is given. */
export type Decide = (held: Held | undefined) => Decision;

/** How much history a resource keeps for watches that resume. */
export const historyLimits: LogLimits = { events: 4096, bytes: 16 * 1024 * 1024 };

interface Parts extends Loaded {
  readonly store: Store;
  readonly tables: Tables;
}

export interface Tables {
  readonly objects: Table;
  readonly events: Table;
  readonly meta: Table;
}

/**
 * Objects of every resource in one LevelDB, under one counter.
 *
 * - A change is decided on the newest state of its object: changes of one object run one after
 *   another, those of different objects together.
 * - It is seen by readers and watchers only once it is on disk (synced), in the order of revisions.
 * - The recent events of each resource are on disk too, so a watch resumes after a restart.
 *
 * A disk that refuses a write rejects that change (StoreWriteFailed) and loses nothing before it.
 */
export class ObjectStore implements ReadableObjects, AsyncDisposable {
  readonly #store: Store;
  readonly #tables: Tables;
  readonly #shelves: Shelves;
  readonly #lock = new KeyLock();
  #assigned: Revision;
  #published: Revision;

  constructor(parts: Parts) {
    this.#store = parts.store;
    this.#tables = parts.tables;
    this.#shelves = parts.shelves;
    this.#assigned = parts.revision;
    this.#published = parts.revision;
  }

  /** The newest revision that readers can see. */
  get revision(): Revision {
    return this.#published;
  }

  get({ resource, namespace, name }: StorageKey): Held | undefined {
    return this.#shelves.of(resource).collection.get(namespace, name);
  }

  list(resource: string, namespace?: string): readonly Held[] {
    return this.#shelves.of(resource).collection.list(namespace);
  }

  log(resource: string): ResourceLog {
    return this.#shelves.of(resource).log;
  }

  /** Every object as it is now. */
  snapshot(): Snapshot {
    const objects = this.#shelves.all().flatMap(({ collection }) => collection.list());
    return { revision: this.#published, objects };
  }

  /** Resolves with the new state, or the last one of an object removed; undefined: nothing kept. */
  change(key: StorageKey, decide: Decide): Promise<Held | undefined> {
    return this.#lock.run(objectKey(key), async () => {
      const held = this.get(key);
      const decision = decide(held);
      if (decision.do === 'keep') return held;
      const next = encodeHeld(key, decision.object, ++this.#assigned);
      const event = toEvent(decision.do, next, held);
      await this.#commit(event);
      return next;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }

  /** Commits settle in the order in which they were asked for, and so do these continuations. */
  async #commit(event: LogEvent): Promise<void> {
    const { held, type } = event;
    const { objects, events } = this.#tables;
    const shelf = this.#shelves.of(held.resource);
    await this.#store.commit([
      type === 'DELETED' ? objects.del(objectKey(held)) : objects.put(objectKey(held), held.bytes),
      events.put(eventKey(held.resource, held.revision), encodeRecord(event)),
      ...this.#forget(shelf, held.resource),
    ]);
    if (type === 'DELETED') shelf.collection.remove(held.id);
    else shelf.collection.put(held);
    this.#published = held.revision;
    shelf.log.append(event);
  }

  #forget({ log }: Shelf, resource: string): Write[] {
    const forgotten = log.trim();
    if (forgotten.length === 0) return [];
    const { events, meta } = this.#tables;
    return [
      meta.put(floorKey(resource), Buffer.from(String(log.floor))),
      ...forgotten.map(({ held }) => events.del(eventKey(resource, held.revision))),
    ];
  }
}

function toEvent(action: 'put' | 'remove', next: Held, held: Held | undefined): LogEvent {
  if (action === 'remove') return { type: 'DELETED', held: next, previous: held };
  return held ? { type: 'MODIFIED', held: next, previous: held } : { type: 'ADDED', held: next };
}

export interface ObjectStoreOptions {
  readonly directory: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly limits?: LogLimits;
  /** For who measures commits. */
  readonly onCommit?: StoreOptions['onCommit'];
}

/**
 * Opens or makes the store in `directory`.
 *
 * A new store counts from the milliseconds since 1970: one that replaces a lost store continues above
 * it, as long as that one took less than a thousand writes a second over its life, so clients that
 * compare versions are not sent back. Throws Misconfiguration when there is a store that cannot be
 * read: an empty one in its place would tell the edges that everything has been deleted.
 */
export async function openObjectStore(options: ObjectStoreOptions): Promise<ObjectStore> {
  const loading = new Loading();
  return begin(await openOrRefuse(options, loading), loading, options);
}

/** The objects that a store holds; disposing closes it. */
export async function readObjectStore(
  store: Store,
  options: Pick<ObjectStoreOptions, 'now' | 'limits'>,
): Promise<ObjectStore> {
  const loading = new Loading();
  for (const name of ['objects', 'events', 'meta'])
    for await (const [key, value] of store.table(name).entries()) loading.take(name, key, value);
  return begin(store, loading, options);
}

async function begin(
  store: Store,
  loading: Loading,
  { now, limits = historyLimits }: Pick<ObjectStoreOptions, 'now' | 'limits'>,
): Promise<ObjectStore> {
  const meta = store.table('meta');
  const tables = { objects: store.table('objects'), events: store.table('events'), meta };
  const firstRevision = loading.firstRevision ?? now();
  if (loading.firstRevision === undefined)
    await store.commit([meta.put(firstRevisionKey, Buffer.from(String(firstRevision)))]);
  return new ObjectStore({ store, tables, ...loading.loaded(firstRevision, limits) });
}

async function openOrRefuse(
  { directory, now, onCommit }: ObjectStoreOptions,
  loading: Loading,
): Promise<Store> {
  try {
    const visit = loading.take.bind(loading);
    const own = { now, visit, ...(onCommit && { onCommit }) };
    return await openStore(directory, { whenCorrupt: 'fail', ...own });
  } catch (error) {
    if (error instanceof Misconfiguration) throw error;
    const reason = error instanceof Error && error.cause ? error.cause : error;
    throw new Misconfiguration(
      `${directory} cannot be read (${messageOf(reason)}): restore it from a backup, or move it away to begin with nothing`,
      { cause: error },
    );
  }
}
