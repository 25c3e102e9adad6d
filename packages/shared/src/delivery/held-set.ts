import type { HeldVersion } from '../change.ts';
import type { ObjectKey } from '../names.ts';
import { Digest } from './digest.ts';

/** What one end holds, by key, with its running digest. */
export class HeldSet {
  readonly #held = new Map<ObjectKey, HeldVersion>();
  readonly #digest = new Digest();

  constructor(members: Iterable<HeldVersion> = []) {
    for (const member of members) this.put(member);
  }

  get size(): number {
    return this.#held.size;
  }

  get(key: ObjectKey): HeldVersion | undefined {
    return this.#held.get(key);
  }

  put({ key, uid, version }: HeldVersion): void {
    this.delete(key);
    const member = { key, uid, version }; // never the object itself: this is an index
    this.#held.set(key, member);
    this.#digest.toggle(member);
  }

  delete(key: ObjectKey): void {
    const held = this.#held.get(key);
    if (!held) return;
    this.#held.delete(key);
    this.#digest.toggle(held);
  }

  values(): IterableIterator<HeldVersion> {
    return this.#held.values();
  }

  digest(): Uint8Array {
    return this.#digest.bytes();
  }

  /** Whether the other end, which sent this digest, holds the same. */
  agrees(digest: Uint8Array): boolean {
    return this.#digest.equals(digest);
  }
}
