import type { LinkStore } from '@skerry/edgecore/link/link-session';
import type { Applying } from '@skerry/edgecore/meta/meta-store';
import { VersionIndex } from '@skerry/edgecore/meta/version-index';
import type { Change, HeldVersion } from '@skerry/shared/change';
import type { ObjectKey, Version } from '@skerry/shared/names';

const written = Promise.resolve();

/**
 * What a simulated node holds: keys, uids and versions in memory, no object and no disk. It keeps G2 as
 * the store of an agent does, and what it takes in counts as durable at once.
 */
export class VersionStore implements LinkStore {
  /** Memory is all there is: it knows nothing that a disk does not. */
  readonly isAhead: boolean = false;
  #known = new VersionIndex();
  #epoch = 0;

  get size(): number {
    return this.#known.size;
  }

  digest(): Uint8Array {
    return this.#known.digest();
  }

  held(): IterableIterator<HeldVersion> {
    return this.#known.held();
  }

  get(key: ObjectKey): HeldVersion | undefined {
    return this.#known.get(key);
  }

  apply(changes: readonly Change[]): Applying {
    const outcomes = changes.map((change) => (this.#known.take(change) ? 'applied' : 'stale'));
    return { outcomes, durable: written };
  }

  reload(): Promise<void> {
    return written;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get horizon(): Version {
    return this.#known.horizon;
  }

  /** As MetaStore's. */
  enter(epoch: number, { forget }: { readonly forget: boolean }): Promise<void> {
    this.#epoch = epoch;
    if (forget) this.#known = this.#known.demoted();
    return written;
  }
}
