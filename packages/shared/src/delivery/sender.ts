import type { Change } from '../change.ts';
import type { Seq } from '../names.ts';
import { InflightWindow, type WindowLimits } from './inflight-window.ts';
import type { Waiting } from './line.ts';
import { Outbox, type Lane } from './outbox.ts';

/** Frames packed into one WebSocket message under backlog: a frame each would cost 3 to 6 times more. */
export const maxFramesPerMessage = 32;
/** Bytes of objects packed into one WebSocket message; a single larger object travels alone. */
export const maxBytesPerMessage: number = 256 * 1024;
/** Share of the window that the bulk leaves free, so that what is urgent need not wait for an ack. */
const spareForUrgent = 1 / 8;

/** A change that leaves now, and since when it has waited, in monotonic milliseconds. */
export interface SentChange extends Waiting {
  readonly seq: Seq;
}

/** One end's outgoing changes: an outbox that drains through an inflight window. */
export class Sender {
  readonly #outbox = new Outbox();
  readonly #window: InflightWindow<Waiting>;

  constructor(limits: WindowLimits) {
    this.#window = new InflightWindow(limits);
  }

  /** Changes that wait to be sent. */
  get pending(): number {
    return this.#outbox.size;
  }

  /** Changes sent and not settled. */
  get inflight(): number {
    return this.#window.size;
  }

  /** Since when the oldest change waits to be sent, or was sent and waits to be settled. */
  get oldestAt(): number | undefined {
    const oldest = [this.#outbox.since, this.oldestSentAt].filter((at) => at !== undefined);
    return oldest.length === 0 ? undefined : Math.min(...oldest);
  }

  get oldestSentAt(): number | undefined {
    return this.#window.oldestSentAt;
  }

  /** `at` is now, in monotonic milliseconds. */
  offer(change: Change, lane: Lane, at: number): void {
    this.#outbox.offer(change, lane, at);
  }

  /** The changes of the next message; none when the window is full or nothing waits. */
  take(now: number): SentChange[] {
    const message: SentChange[] = [];
    let bytes = 0;
    while (message.length < maxFramesPerMessage) {
      const next = this.#outbox.peek();
      if (!next) break;
      const size = next.object?.length ?? 0;
      const spare = this.#outbox.nextLane === 'bulk' ? spareForUrgent : 0;
      if (!this.#window.admits(size, spare)) break;
      if (message.length > 0 && bytes + size > maxBytesPerMessage) break;
      const waiting = this.#outbox.take();
      if (!waiting) break;
      bytes += size;
      message.push({ ...waiting, seq: this.#window.push(waiting, size, now) });
    }
    return message;
  }

  /** The changes now durable on the other side, and since when each was to be sent. Throws AckOutOfRange. */
  ack(upTo: Seq): Waiting[] {
    return this.#window.ack(upTo);
  }

  /** The change refused for good. Throws AckOutOfRange. */
  nack(seq: Seq): Change | undefined {
    return this.#window.nack(seq)?.change;
  }
}
