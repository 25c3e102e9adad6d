import type { LinkStore } from '@skerry/edgecore/link/link-session';
import {
  rememberedTombstones,
  type Applying,
  type Outcome,
} from '@skerry/edgecore/meta/meta-store';
import { supersedes, type Change, type HeldVersion } from '@skerry/shared/change';
import { HeldSet } from '@skerry/shared/delivery/held-set';
import type { ObjectKey, Version } from '@skerry/shared/names';

const written = Promise.resolve();

/**
 * What a simulated node holds: keys, uids and versions in memory, no object and no disk. It keeps G2 as
 * the store of an agent does, and what it takes in counts as durable at once.
 */
export class VersionStore implements LinkStore {
  /** Memory is all there is: it knows nothing that a disk does not. */
  readonly isAhead: boolean = false;
  #held = new HeldSet();
  /** Newest tombstone per absent key; insertion order is age. */
  readonly #tombstones = new Map<ObjectKey, HeldVersion>();
  #epoch = 0;

  get size(): number {
    return this.#held.size;
  }

  digest(): Uint8Array {
    return this.#held.digest();
  }

  held(): IterableIterator<HeldVersion> {
    return this.#held.values();
  }

  get(key: ObjectKey): HeldVersion | undefined {
    return this.#held.get(key);
  }

  apply(changes: readonly Change[]): Applying {
    return { outcomes: changes.map((change) => this.#take(change)), durable: written };
  }

  reload(): Promise<void> {
    return written;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get horizon(): Version {
    let highest = 0n as Version;
    for (const known of [this.#held.values(), this.#tombstones.values()])
      for (const { version } of known) if (version > highest) highest = version;
    return highest;
  }

  /** As MetaStore's. */
  enter(epoch: number, { forget }: { readonly forget: boolean }): Promise<void> {
    this.#epoch = epoch;
    if (!forget) return written;
    const demoted = [...this.#held.values()].map((held) => ({ ...held, version: 0n as Version }));
    this.#held = new HeldSet(demoted);
    this.#tombstones.clear();
    return written;
  }

  #take(change: Change): Outcome {
    const { key, uid, version } = change;
    if (!supersedes(change, this.#held.get(key) ?? this.#tombstones.get(key))) return 'stale';
    this.#tombstones.delete(key);
    if (change.object) {
      this.#held.put(change);
      return 'applied';
    }
    this.#held.delete(key);
    if (change.withdrawn !== true) this.#bury({ key, uid, version });
    return 'applied';
  }

  #bury(gone: HeldVersion): void {
    this.#tombstones.set(gone.key, gone);
    const [oldest] = this.#tombstones.keys();
    if (oldest !== undefined && this.#tombstones.size > rememberedTombstones)
      this.#tombstones.delete(oldest);
  }
}
