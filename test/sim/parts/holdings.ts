import type { NodeName } from '@skerry/shared/names';
import type { Write } from '@skerry/shared/store';
import { Broken } from './broken.ts';
import type { SimDisk } from './disk.ts';

interface Entry {
  readonly gone: boolean;
  readonly version: bigint;
  readonly uid: string;
}

/** What a node's disk has held, to judge what is written to it and what a ledger says of it. */
export class Holdings {
  readonly #node: NodeName;
  /** `key version uid` of everything that was ever synced here. */
  readonly #everHeld = new Set<string>();
  /** The highest version synced of each key, held or gone, on the number line of now. */
  readonly #highest = new Map<string, bigint>();

  constructor(node: NodeName) {
    this.#node = node;
  }

  /** G2: no key goes back on one number line. */
  take(writes: readonly Write[], disk: SimDisk): void {
    const entersLine = writes.some(({ table }) => table === 'line');
    if (entersLine) this.#highest.clear();
    const held = new Map<string, Uint8Array | undefined>(); // as of within the batch
    for (const { table, key, value } of writes) {
      if (table !== 'index') continue;
      const before = held.has(key) ? held.get(key) : disk.read(table, key);
      held.set(key, value);
      if (value === undefined) continue; // let go of: it may come back as it was
      const next = parse(value);
      const version = before && parse(before).version;
      if (version !== undefined && next.version < version && !entersLine)
        throw new Broken(`${this.#node}: ${key} went from ${version} back to ${next.version} (G2)`);
      const highest = this.#highest.get(key) ?? 0n;
      if (next.version > highest) this.#highest.set(key, next.version);
      if (!next.gone) this.#everHeld.add(`${key} ${next.version} ${next.uid}`);
    }
  }

  /** G3: what a ledger says was acknowledged has been on this disk, or something newer has. */
  vouch(key: string, acknowledged: string): void {
    if (this.#everHeld.has(`${key} ${acknowledged}`)) return;
    const version = BigInt(acknowledged.slice(0, acknowledged.indexOf(' ')));
    if ((this.#highest.get(key) ?? -1n) <= version)
      throw new Broken(
        `${this.#node} acknowledged ${key} at ${acknowledged} before it was synced (G3)`,
      );
  }
}

/** `<version> <uid>`, with a leading `-` for a tombstone. */
function parse(entry: Uint8Array): Entry {
  const text = Buffer.from(entry).toString();
  const gone = text.startsWith('-');
  const space = text.indexOf(' ');
  return { gone, version: BigInt(text.slice(gone ? 1 : 0, space)), uid: text.slice(space + 1) };
}
