import { EdgeError, InvariantViolation } from '../errors.ts';
import type { Seq } from '../names.ts';

/** The other side settled something that was never sent. */
export class AckOutOfRange extends EdgeError {
  readonly code = 'session.ack-out-of-range';
  readonly disposition = 'reject';
}

export interface WindowLimits {
  readonly frames: number;
  readonly bytes: number;
}

interface Sent<T> {
  readonly item: T;
  readonly bytes: number;
  readonly at: number;
}

/** Sent but not yet settled. Acks are cumulative: `ack(n)` settles every seq up to n. */
export class InflightWindow<T> {
  readonly #limits: WindowLimits;
  readonly #sent = new Map<Seq, Sent<T>>(); // insertion order is seq order
  #next = 1;
  #bytes = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#sent.size;
  }

  /**
   * Whether an item of `bytes` may be sent now and leave `spare` of the window (0 to 1) free. An empty
   * window takes anything, however large.
   */
  admits(bytes: number, spare: number = 0): boolean {
    if (this.#sent.size === 0) return true;
    const share = 1 - spare;
    const { frames, bytes: most } = this.#limits;
    return this.#sent.size < frames * share && this.#bytes + bytes <= most * share;
  }

  /** `at` is when it is sent, in monotonic milliseconds. */
  push(item: T, bytes: number, at: number): Seq {
    if (!this.admits(bytes)) throw new InvariantViolation('push into a full window');
    const seq = this.#next++ as Seq;
    this.#sent.set(seq, { item, bytes, at });
    this.#bytes += bytes;
    return seq;
  }

  /** The items settled, oldest first. Throws AckOutOfRange for a seq that was never sent. */
  ack(upTo: Seq): T[] {
    this.#assertSent(upTo);
    const settled: T[] = [];
    for (const seq of this.#sent.keys()) {
      if (seq > upTo) break;
      settled.push(this.#settle(seq));
    }
    return settled;
  }

  /** Settles one refused item; undefined when it is settled already. */
  nack(seq: Seq): T | undefined {
    this.#assertSent(seq);
    return this.#sent.has(seq) ? this.#settle(seq) : undefined;
  }

  /** When the oldest unsettled item was sent; undefined when everything is settled. */
  get oldestSentAt(): number | undefined {
    const [oldest] = this.#sent.values();
    return oldest?.at;
  }

  unsettled(): T[] {
    return [...this.#sent.values()].map(({ item }) => item);
  }

  #settle(seq: Seq): T {
    const sent = this.#sent.get(seq);
    if (!sent) throw new InvariantViolation(`seq ${seq} is not in the window`);
    this.#sent.delete(seq);
    this.#bytes -= sent.bytes;
    return sent.item;
  }

  #assertSent(seq: Seq): void {
    if (seq >= this.#next)
      throw new AckOutOfRange(`seq ${seq} was never sent (next is ${this.#next})`);
  }
}
