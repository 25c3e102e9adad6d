import type { Change, HeldVersion } from '@skerry/shared/change';
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
import { VersionIndex, type Taken } from './version-index.ts';

/** What became of a change: it is the newest now, or something newer (or the same) was held already. */
export type Outcome = 'applied' | 'stale';

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
  #known = new VersionIndex();
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
    this.#known = new VersionIndex(held, tombstones);
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
    return this.#known.horizon;
  }

  /**
   * Enters another number line; durable when it resolves. With `forget`, every object is kept at version
   * 0, so that whatever comes replaces it, and no deletion is remembered. No `apply` may be under way.
   */
  async enter(epoch: number, { forget }: { readonly forget: boolean }): Promise<void> {
    const next = forget ? this.#known.demoted() : this.#known;
    const writes = [this.#line.put(epochKey, textEncoder.encode(String(epoch)))];
    if (forget) {
      for (const key of this.#known.buried()) writes.push(this.#index.del(key));
      for (const held of next.held()) writes.push(this.#index.put(held.key, toIndex(held, false)));
    }
    await this.#store.commit(writes);
    this.#epoch = epoch;
    this.#known = next;
  }

  get size(): number {
    return this.#known.size;
  }

  digest(): Uint8Array {
    return this.#known.digest();
  }

  /** Key, uid and version of everything held. */
  held(): IterableIterator<HeldVersion> {
    return this.#known.held();
  }

  /** The newest version taken in; durable or about to be. */
  versionOf(key: ObjectKey): Version | undefined {
    return this.#known.get(key)?.version;
  }

  async get(key: ObjectKey): Promise<HeldObject | undefined> {
    const held = this.#known.get(key);
    const object = held && (await this.#objects.get(key));
    return object && { ...held, object };
  }

  async list(resource: ResourceName): Promise<readonly HeldObject[]> {
    const objects: HeldObject[] = [];
    for await (const [key, object] of this.#objects.entries({
      gt: `${resource}/`,
      lt: `${resource}0`,
    })) {
      const held = this.#known.get(key as ObjectKey);
      if (held) objects.push({ ...held, object });
    }
    return objects;
  }

  /** Takes changes in, oldest first. */
  apply(changes: readonly Change[]): Applying {
    const writes: Write[] = [];
    const outcomes = changes.map((change): Outcome => {
      const taken = this.#known.take(change);
      if (!taken) return 'stale';
      writes.push(...this.#writesOf(change, taken));
      return 'applied';
    });
    const durable = this.#store.commit(writes);
    durable.catch(() => (this.#isAhead = true));
    return { outcomes, durable };
  }

  #writesOf(change: Change, { forgotten }: Taken): Write[] {
    const { key, object, withdrawn } = change;
    if (object)
      return [this.#objects.put(key, object), this.#index.put(key, toIndex(change, false))];
    return [
      this.#objects.del(key),
      withdrawn === true ? this.#index.del(key) : this.#index.put(key, toIndex(change, true)),
      ...(forgotten === undefined ? [] : [this.#index.del(forgotten)]),
    ];
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
