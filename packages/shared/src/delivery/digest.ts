import { hash } from 'node:crypto';
import type { HeldVersion } from '../change.ts';

const digestBytes = 16;

/**
 * Order-independent fingerprint of a set of (key, uid, version), kept up to date one member at a time:
 * the exclusive-or of 128 bits of each member's SHA-256. Two ends with equal digests hold the same.
 */
export class Digest {
  readonly #sum = new Uint8Array(digestBytes);

  /** Adds a member, or takes out one that is in. */
  toggle({ key, uid, version }: HeldVersion): void {
    const member = hash('sha256', `${key}\0${uid}\0${version}`, 'buffer');
    for (let i = 0; i < digestBytes; i++) this.#sum[i] = (this.#sum[i] ?? 0) ^ (member[i] ?? 0);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#sum);
  }

  equals(other: Uint8Array): boolean {
    return other.length === digestBytes && this.#sum.every((byte, i) => byte === other[i]);
  }
}
