import type { HeldVersion } from '@skerry/shared/change';
import { HeldSet } from '@skerry/shared/delivery/held-set';
import { isObjectKey, uid, version, type NodeName, type ObjectKey } from '@skerry/shared/names';
import type { Store, Table, Write } from '@skerry/shared/store';
import { DeadLetters, type DeadLetter } from './dead-letters.ts';
import { IdlePages } from './idle-pages.ts';

/**
 * The newest version of every object that each node has acknowledged, in the hub's own store.
 *
 * Losing it costs one exchange with each node (HeldRequest, Held), never an object. It is written after
 * the acknowledgement and nobody waits for it: an entry lost with a crash is found by the digest.
 */
export class Ledger {
  readonly #store: Store;
  readonly #table: Table;
  readonly #pages = new IdlePages<NodeLedger>();
  /** Everything given to the disk so far is on it, or refused. */
  #written: Promise<void> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
    this.#table = store.table('acknowledged');
  }

  /** What `node` has acknowledged. One holder at a time: the node's session. */
  async open(node: NodeName): Promise<NodeLedger> {
    return this.#pages.take(node) ?? (await this.#read(node));
  }

  /** The session has ended; the next one begins sooner with what is still in memory. */
  close(page: NodeLedger): void {
    this.#pages.put(page);
  }

  async #read(node: NodeName): Promise<NodeLedger> {
    await this.#written; // by the session before
    const entries: HeldVersion[] = [];
    for await (const [key, entry] of this.#table.entries({ gt: `${node}\0`, lt: `${node}\x01` }))
      entries.push(...fromEntry(key.slice(node.length + 1), entry));
    const dead = await DeadLetters.open(this.#store, node);
    const commit = (writes: readonly Write[]): Promise<void> => this.#commit(writes);
    return new NodeLedger({ commit, table: this.#table, node, dead }, entries);
  }

  #commit(writes: readonly Write[]): Promise<void> {
    const written = this.#store.commit(writes);
    this.#written = written.catch(() => undefined);
    return written;
  }
}

interface NodeTable {
  readonly commit: (writes: readonly Write[]) => Promise<void>;
  readonly table: Table;
  readonly node: NodeName;
  readonly dead: DeadLetters;
}

/** One node's page of the ledger, in memory while the node is connected. */
export class NodeLedger {
  readonly #at: NodeTable;
  #acknowledged: HeldSet;

  constructor(at: NodeTable, entries: readonly HeldVersion[]) {
    this.#at = at;
    this.#acknowledged = new HeldSet(entries);
  }

  /** What the node has refused. */
  get dead(): DeadLetters {
    return this.#at.dead;
  }

  get node(): NodeName {
    return this.#at.node;
  }

  get size(): number {
    return this.#acknowledged.size;
  }

  get(key: ObjectKey): HeldVersion | undefined {
    return this.#acknowledged.get(key);
  }

  entries(): IterableIterator<HeldVersion> {
    return this.#acknowledged.values();
  }

  /** Whether the node, which sent this digest, holds what it has acknowledged. */
  agrees(digest: Uint8Array): boolean {
    return this.#acknowledged.agrees(digest);
  }

  digest(): Uint8Array {
    return this.#acknowledged.digest();
  }

  /** The node has these on disk now. Resolves when the ledger has it, too. */
  record(changes: readonly (HeldVersion & { readonly object?: unknown })[]): Promise<void> {
    const writes = changes.flatMap((change): Write[] => {
      const revived = this.#at.dead.drop(change.key);
      if (change.object === undefined) {
        this.#acknowledged.delete(change.key);
        return [...revived, this.#at.table.del(this.#entryKey(change.key))];
      }
      this.#acknowledged.put(change);
      return [...revived, this.#at.table.put(this.#entryKey(change.key), toEntry(change))];
    });
    return this.#at.commit(writes);
  }

  /** The node will never take this change. Resolves when the ledger has it. */
  refuse(letter: DeadLetter): Promise<void> {
    return this.#at.commit(this.#at.dead.add(letter));
  }

  /** The node has said what it really holds. */
  async replace(held: readonly HeldVersion[]): Promise<void> {
    const before = new Set([...this.#acknowledged.values()].map(({ key }) => key));
    this.#acknowledged = new HeldSet(held);
    for (const { key } of held) before.delete(key);
    await this.#at.commit([
      ...[...before].map((key) => this.#at.table.del(this.#entryKey(key))),
      ...held.map((entry) => this.#at.table.put(this.#entryKey(entry.key), toEntry(entry))),
    ]);
  }

  #entryKey(key: ObjectKey): string {
    return `${this.#at.node}\0${key}`;
  }
}

/** `<version> <uid>` */
function toEntry({ uid: id, version: at }: HeldVersion): Uint8Array {
  return new TextEncoder().encode(`${at} ${id}`);
}

/** Nothing when the entry is not what `toEntry` wrote: the node is asked what it holds, then. */
function fromEntry(key: string, entry: Uint8Array): HeldVersion[] {
  const text = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength).toString('latin1');
  const [, at = '', id = ''] = /^(\d{1,20}) (.{1,128})$/.exec(text) ?? [];
  return at !== '' && isObjectKey(key) ? [{ key, version: version(at), uid: uid(id) }] : [];
}
