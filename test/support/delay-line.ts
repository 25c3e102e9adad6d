import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bell } from '@skerry/shared/bell';

/** What a path does to the bytes of one direction; asked anew for every piece. */
export interface Path {
  /** One way, milliseconds. */
  readonly delayMs: number;
  readonly bytesPerSecond: number;
  /** Resolves once packets get through. */
  audible(signal: AbortSignal): Promise<void>;
  /** So many bytes have come out at the far end. */
  carried(bytes: number): void;
}

/** Bytes under way before the sender is held up: more than a fast path with a long delay has in it. */
const maxUnderWayBytes = 32 * 1024 * 1024;
/** A throttled path takes bytes in pieces of this long, milliseconds, so that a new rate counts soon. */
const pieceMs = 20;

interface Piece {
  readonly leftAt: number;
  readonly delayMs: number;
  readonly bytes: Uint8Array;
}

/**
 * One direction of a connection: bytes come out in order and unread, each when its delay is over. A delay
 * holds nothing else up: what follows is under way meanwhile.
 */
export class DelayLine {
  readonly #path: Path;
  readonly #underWay: Piece[] = [];
  readonly #filled = new Bell();
  readonly #drained = new Bell();
  #bytes = 0;
  #freeAt = 0;
  #ended = false;

  constructor(path: Path) {
    this.#path = path;
  }

  /** Whether the sender has said all it had to say. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes what `from` says until it ends; rejects when its connection breaks. */
  async fill(from: Socket, signal: AbortSignal): Promise<void> {
    for await (const chunk of from as AsyncIterable<Buffer>)
      for (let rest = chunk; rest.length > 0;) {
        const size = Math.max(1, Math.floor((this.#path.bytesPerSecond * pieceMs) / 1_000));
        await this.#enter(rest.subarray(0, size), signal);
        rest = rest.subarray(size);
      }
    this.#ended = true;
    this.#filled.ring();
  }

  /**
   * Opens the far end: hands on what was said, and the end of it. What was said before counts as said
   * now: nobody can speak over a connection that is not open yet.
   */
  async drain(to: Socket, signal: AbortSignal): Promise<void> {
    const openedAt = performance.now();
    while (!this.#ended || this.#underWay.length > 0) {
      const piece = this.#underWay[0];
      if (!piece) {
        await this.#filled.wait(signal);
        continue;
      }
      await sleepUntil(Math.max(piece.leftAt, openedAt) + piece.delayMs, signal);
      await this.#path.audible(signal);
      this.#leave(piece);
      if (!to.write(piece.bytes)) await once(to, 'drain', { signal });
    }
    await this.#path.audible(signal);
    to.end();
  }

  /** Resolves when the path has room for more. */
  async #enter(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const { bytesPerSecond, delayMs } = this.#path;
    const now = performance.now();
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes.length * 1_000) / bytesPerSecond;
    this.#bytes += bytes.length;
    this.#underWay.push({ leftAt: this.#freeAt, delayMs, bytes });
    this.#filled.ring();
    if (this.#freeAt - now > pieceMs) await sleepUntil(this.#freeAt, signal);
    while (this.#bytes > maxUnderWayBytes) await this.#drained.wait(signal);
  }

  #leave(piece: Piece): void {
    this.#underWay.shift();
    this.#bytes -= piece.bytes.length;
    this.#drained.ring();
    this.#path.carried(piece.bytes.length);
  }
}

/** Never early, as a timer may be by a fraction of a millisecond; `at` is on `performance.now()`. */
export async function sleepUntil(at: number, signal: AbortSignal): Promise<void> {
  for (let left = at - performance.now(); left > 0; left = at - performance.now())
    await sleep(left, undefined, { signal });
}
