import type { HeldVersion } from '@skerry/shared/change';
import { isObjectKey, uid, version, type NodeName, type ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { Store, Table, Write } from '@skerry/shared/store';

/** A change that a node refused for good: it is not offered again before its object changes. */
export interface DeadLetter extends HeldVersion {
  /** Of the node's Nack. */
  readonly code: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Dead letters kept per node; beyond it the oldest are forgotten, and their changes offered again. */
export const maxDeadLetters = 1_000;

/** One node's dead letters, in memory and in the hub's store; at most one per object. */
export class DeadLetters {
  readonly #letters = new Map<ObjectKey, DeadLetter>();
  readonly #table: Table;
  readonly #node: NodeName;

  private constructor(table: Table, node: NodeName) {
    this.#table = table;
    this.#node = node;
  }

  static async open(store: Store, node: NodeName): Promise<DeadLetters> {
    const letters = new DeadLetters(store.table('dead-letters'), node);
    const page = { gt: `${node}\0`, lt: `${node}\x01` };
    const kept: DeadLetter[] = [];
    for await (const [key, entry] of letters.#table.entries(page))
      kept.push(...fromEntry(key.slice(node.length + 1), entry));
    for (const letter of kept.toSorted((a, b) => a.at - b.at))
      letters.#letters.set(letter.key, letter);
    return letters;
  }

  get size(): number {
    return this.#letters.size;
  }

  /** Oldest first. */
  values(): IterableIterator<DeadLetter> {
    return this.#letters.values();
  }

  /** Whether the node has refused this very state of the object. */
  has({ key, uid: id, version: at }: HeldVersion): boolean {
    const letter = this.#letters.get(key);
    return letter?.uid === id && letter.version === at;
  }

  /** Takes one in. Writes what is returned. */
  add(letter: DeadLetter): Write[] {
    const writes = this.drop(letter.key);
    this.#letters.set(letter.key, letter);
    const [oldest] = this.#letters.keys();
    if (this.#letters.size > maxDeadLetters && oldest !== undefined)
      writes.push(...this.drop(oldest));
    return [...writes, this.#table.put(this.#entryKey(letter.key), toEntry(letter))];
  }

  /** The object has changed, or is gone. Writes what is returned. */
  drop(key: ObjectKey): Write[] {
    return this.#letters.delete(key) ? [this.#table.del(this.#entryKey(key))] : [];
  }

  #entryKey(key: ObjectKey): string {
    return `${this.#node}\0${key}`;
  }
}

function toEntry({ uid: id, version: at, code, reason, at: when }: DeadLetter): Uint8Array {
  const entry = { uid: id, version: String(at), code, reason, at: when };
  return new TextEncoder().encode(JSON.stringify(entry));
}

interface Entry {
  readonly uid: string;
  readonly version: string;
  readonly code: string;
  readonly reason: string;
  readonly at: number;
}

/** Nothing when the entry is not what `toEntry` wrote: the change is offered again, then. */
function fromEntry(key: string, bytes: Uint8Array): DeadLetter[] {
  if (!isObjectKey(key)) return [];
  try {
    const entry = parseJson(bytes) as Entry;
    const { code, reason, at } = entry;
    return [{ key, uid: uid(entry.uid), version: version(entry.version), code, reason, at }];
  } catch {
    return [];
  }
}
