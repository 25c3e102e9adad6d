import { supersedes, type Change, type HeldVersion } from '@skerry/shared/change';
import { HeldSet } from '@skerry/shared/delivery/held-set';
import type { ObjectKey, Version } from '@skerry/shared/names';

/** Deletions remembered so that a late, older change cannot bring an object back. */
export const rememberedTombstones = 4_096;

/** A change was taken in. */
export interface Taken {
  /** The oldest tombstone, which is not remembered any more. */
  readonly forgotten?: ObjectKey | undefined;
}

/**
 * Keys, uids and versions of what a node holds, and the newest tombstone of what it does not: it decides
 * what replaces what (G2). In memory, without the objects.
 */
export class VersionIndex {
  readonly #held: HeldSet;
  /** Insertion order is age. */
  readonly #tombstones: Map<ObjectKey, HeldVersion>;

  /** Tombstones are given oldest first. */
  constructor(held: Iterable<HeldVersion> = [], tombstones: readonly HeldVersion[] = []) {
    this.#held = new HeldSet(held);
    this.#tombstones = new Map(tombstones.map((gone) => [gone.key, gone]));
  }

  get size(): number {
    return this.#held.size;
  }

  digest(): Uint8Array {
    return this.#held.digest();
  }

  held(): IterableIterator<HeldVersion> {
    return this.#held.values();
  }

  /** Keys of the deletions remembered. */
  buried(): IterableIterator<ObjectKey> {
    return this.#tombstones.keys();
  }

  get(key: ObjectKey): HeldVersion | undefined {
    return this.#held.get(key);
  }

  /** The highest version known. */
  get horizon(): Version {
    let highest = 0n as Version;
    for (const known of [this.#held.values(), this.#tombstones.values()])
      for (const { version } of known) if (version > highest) highest = version;
    return highest;
  }

  /** Takes a change in; undefined when something newer, or the same, is known. */
  take(change: Change): Taken | undefined {
    const { key } = change;
    if (!supersedes(change, this.#held.get(key) ?? this.#tombstones.get(key))) return undefined;
    this.#tombstones.delete(key);
    if (change.object) this.#held.put(change);
    else this.#held.delete(key);
    // A withdrawn object lives on, and may be placed here again at the same version.
    return change.object || change.withdrawn === true ? {} : this.#bury(change);
  }

  /** The same objects at version 0, so that whatever comes replaces them, and no deletion remembered. */
  demoted(): VersionIndex {
    return new VersionIndex([...this.held()].map((held) => ({ ...held, version: 0n as Version })));
  }

  #bury({ key, uid, version }: HeldVersion): Taken {
    this.#tombstones.set(key, { key, uid, version });
    if (this.#tombstones.size <= rememberedTombstones) return {};
    const [forgotten] = this.#tombstones.keys();
    if (forgotten !== undefined) this.#tombstones.delete(forgotten);
    return { forgotten };
  }
}
