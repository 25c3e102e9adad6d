import { supersedes, type Change, type HeldVersion } from '@skerry/shared/change';
import { HeldSet } from '@skerry/shared/delivery/held-set';
import {
  isObjectKey,
  uid,
  version,
  type ObjectKey,
  type ResourceName,
  type Version,
} from '@skerry/shared/names';
import type { Store, Table, Write } from '@skerry/shared/store';
import type { HeldObject, ObjectReader } from './object-reader.ts';

/** What became of a change: it is the newest now, or something newer (or the same) was held already. */
export type Outcome = 'applied' | 'stale';

/** Deletions remembered so that a late, older change cannot bring an object back. */
export const rememberedTombstones = 4_096;

const epochKey = 'epoch';
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

/** A change taken in: decided at once, durable when `durable` resolves. */
export interface Applying {
  readonly outcomes: readonly Outcome[];
  /** Resolves when the changes are on disk, in the order of the calls; rejects when they are not. */
  readonly durable: Promise<void>;
}

/**
 * The objects placed on this node, on disk.
 *
 * Promises G2 (an object never goes back to an older version, whatever arrives in whatever order) and
 * the first half of G3 (nothing counts as applied before it is synced). After a failed commit memory
 * knows more than the disk (`isAhead`): `reload` before anything else is applied or told.
 */
export class MetaStore implements ObjectReader {
  readonly #store: Store;
  readonly #objects: Table;
  readonly #index: Table;
  readonly #line: Table;
  #held = new HeldSet();
  /** Newest tombstone per absent key; insertion order is age. */
  #tombstones = new Map<ObjectKey, HeldVersion>();
  #epoch = 0;
  #isAhead = false;

  private constructor(store: Store) {
    this.#store = store;
    this.#objects = store.table('objects');
    this.#index = store.table('index');
    this.#line = store.table('line');
  }

  static async open(store: Store): Promise<MetaStore> {
    const meta = new MetaStore(store);
    await meta.reload();
    return meta;
  }

  /** Forgets what memory knows and reads the disk again. No `apply` may be under way. */
  async reload(): Promise<void> {
    const held: HeldVersion[] = [];
    const tombstones: HeldVersion[] = [];
    const unread: Write[] = [];
    const objects = new Set<string>();
    for await (const key of this.#objects.keys()) objects.add(key);
    for await (const [key, entry] of this.#index.entries()) {
      const read = fromIndex(key, entry);
      if (!read || (!read.gone && !objects.has(key))) unread.push(this.#index.del(key));
      else (read.gone ? tombstones : held).push(read.member);
    }
    // Not held, then: the hub will say it again. A disk that is full keeps them until it is asked again.
    if (unread.length > 0) await this.#store.commit(unread).catch(() => undefined);
    const epoch = await this.#line.get(epochKey);
    this.#epoch = (epoch && Number(textDecoder.decode(epoch))) || 0;
    tombstones.sort((a, b) => (a.version < b.version ? -1 : 1));
    this.#held = new HeldSet(held);
    this.#tombstones = new Map(tombstones.map((gone) => [gone.key, gone]));
    this.#isAhead = false;
  }

  /** Whether a commit has failed since the disk was read: memory knows what the disk does not. */
  get isAhead(): boolean {
    return this.#isAhead;
  }

  /** The number line on which the versions held lie, as a hub said; 0: none has. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The highest version known. */
  get horizon(): Version {
    let highest = 0n as Version;
    for (const known of [this.#held.values(), this.#tombstones.values()])
      for (const { version: at } of known) if (at > highest) highest = at;
    return highest;
  }

  /**
   * Enters another number line; durable when it resolves. With `forget`, every object is kept at version
   * 0, so that whatever comes replaces it, and no deletion is remembered. No `apply` may be under way.
   */
  async enter(epoch: number, { forget }: { readonly forget: boolean }): Promise<void> {
    const writes = [this.#line.put(epochKey, textEncoder.encode(String(epoch)))];
    const demoted = [...this.#held.values()].map((held) => ({ ...held, version: 0n as Version }));
    if (forget) {
      writes.push(...[...this.#tombstones.keys()].map((key) => this.#index.del(key)));
      writes.push(...demoted.map((held) => this.#index.put(held.key, toIndex(held, false))));
    }
    await this.#store.commit(writes);
    this.#epoch = epoch;
    if (!forget) return;
    this.#held = new HeldSet(demoted);
    this.#tombstones.clear();
  }

  get size(): number {
    return this.#held.size;
  }

  digest(): Uint8Array {
    return this.#held.digest();
  }

  /** Key, uid and version of everything held. */
  held(): IterableIterator<HeldVersion> {
    return this.#held.values();
  }

  /** The newest version taken in; durable or about to be. */
  versionOf(key: ObjectKey): Version | undefined {
    return this.#held.get(key)?.version;
  }

  async get(key: ObjectKey): Promise<HeldObject | undefined> {
    const held = this.#held.get(key);
    const object = held && (await this.#objects.get(key));
    return object && { ...held, object };
  }

  async list(resource: ResourceName): Promise<readonly HeldObject[]> {
    const objects: HeldObject[] = [];
    for await (const [key, object] of this.#objects.entries({
      gt: `${resource}/`,
      lt: `${resource}0`,
    })) {
      const held = this.#held.get(key as ObjectKey);
      if (held) objects.push({ ...held, object });
    }
    return objects;
  }

  /** Takes changes in, oldest first. */
  apply(changes: readonly Change[]): Applying {
    const writes: Write[] = [];
    const outcomes = changes.map((change): Outcome => {
      if (!supersedes(change, this.#held.get(change.key) ?? this.#tombstones.get(change.key)))
        return 'stale';
      writes.push(...this.#step(change));
      return 'applied';
    });
    const durable = this.#store.commit(writes);
    durable.catch(() => (this.#isAhead = true));
    return { outcomes, durable };
  }

  #step(change: Change): Write[] {
    if (change.object) return this.#put(change, change.object);
    return change.withdrawn === true ? this.#letGo(change.key) : this.#bury(change);
  }

  /** Not remembered: the object lives on, and may be placed here again at the same version. */
  #letGo(key: ObjectKey): Write[] {
    this.#held.delete(key);
    return [this.#objects.del(key), this.#index.del(key)];
  }

  #put(change: Change, object: Uint8Array): Write[] {
    this.#tombstones.delete(change.key);
    this.#held.put(change);
    return [
      this.#objects.put(change.key, object),
      this.#index.put(change.key, toIndex(change, false)),
    ];
  }

  #bury({ key, uid: id, version: at }: HeldVersion): Write[] {
    this.#held.delete(key);
    this.#tombstones.delete(key);
    this.#tombstones.set(key, { key, uid: id, version: at });
    return [
      this.#objects.del(key),
      this.#index.put(key, toIndex({ key, uid: id, version: at }, true)),
      ...this.#forgetOldest(),
    ];
  }

  #forgetOldest(): Write[] {
    if (this.#tombstones.size <= rememberedTombstones) return [];
    const [oldest] = this.#tombstones.keys();
    if (oldest === undefined) return [];
    this.#tombstones.delete(oldest);
    return [this.#index.del(oldest)];
  }
}

/** `<version> <uid>`, with a leading `-` for a tombstone. */
function toIndex({ uid: id, version: at }: HeldVersion, gone: boolean): Uint8Array {
  return textEncoder.encode(`${gone ? '-' : ''}${at} ${id}`);
}

/** Undefined when the entry is not what `toIndex` wrote. */
function fromIndex(
  key: string,
  entry: Uint8Array,
): { readonly member: HeldVersion; readonly gone: boolean } | undefined {
  const [, gone, at = '', id = ''] =
    /^(-?)(\d{1,20}) (.{1,128})$/.exec(textDecoder.decode(entry)) ?? [];
  if (gone === undefined || !isObjectKey(key)) return undefined;
  return { member: { key, version: version(at), uid: uid(id) }, gone: gone === '-' };
}
