import { Bell } from './bell.ts';
import type { Clock } from './clock.ts';
import { isAbort } from './errors.ts';

interface Appointment<K> {
  readonly key: K;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/** Outdated appointments that are borne before they are cleared away. */
const outdatedBorne = 64;

/**
 * When keys are to come back: one time for each, the last that was made. One timer serves all of them, so a
 * key that is put off a thousand times a second costs no timer each.
 */
export class Appointments<K extends string> {
  readonly #at = new Map<K, number>();
  /** A binary heap, the soonest first; those that `#at` does not confirm are outdated. */
  #heap: Appointment<K>[] = [];
  readonly #sooner = new Bell();

  /** In the place of what was made for this key before; `at` in monotonic milliseconds. */
  make(key: K, at: number): void {
    this.#at.set(key, at);
    if (this.#heap.length > 2 * this.#at.size + outdatedBorne) this.#clear();
    this.#push({ key, at });
    if (this.#heap[0]?.key === key) this.#sooner.ring();
  }

  cancel(key: K): void {
    this.#at.delete(key);
  }

  /** Gives each key to `due` at its time, until the signal aborts. */
  async keep(clock: Clock, due: (key: K) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (let key = this.#take(clock.monotonic()); key !== undefined;) {
        due(key);
        key = this.#take(clock.monotonic());
      }
      await this.#wait(clock, signal);
    }
  }

  /** Until the soonest is due, or one comes that is sooner. */
  async #wait(clock: Clock, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const waits = [this.#sooner.wait(either)];
    const [soonest] = this.#heap;
    if (soonest) waits.push(clock.sleep(Math.max(0, soonest.at - clock.monotonic()), either));
    await Promise.race(waits).catch((error: unknown) => {
      if (!isAbort(error, signal)) throw error;
    });
    over.abort();
    await Promise.allSettled(waits);
  }

  /** The next key that is due, outdated ones passed over. */
  #take(now: number): K | undefined {
    for (;;) {
      const [soonest] = this.#heap;
      if (!soonest) return undefined;
      const isOutdated = this.#at.get(soonest.key) !== soonest.at;
      if (!isOutdated && soonest.at > now) return undefined;
      this.#pop();
      if (isOutdated) continue;
      this.#at.delete(soonest.key);
      return soonest.key;
    }
  }

  #clear(): void {
    this.#heap = [];
    for (const [key, at] of this.#at) this.#push({ key, at });
  }

  #push(one: Appointment<K>): void {
    const heap = this.#heap;
    let place = heap.push(one) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (!parent || parent.at <= one.at) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = one;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const below = this.#soonerBelow(place);
      const child = heap[below];
      if (!child || child.at >= last.at) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
  }

  /** The place of the sooner one of the two below; beyond the end where there is none. */
  #soonerBelow(place: number): number {
    const left = 2 * place + 1;
    const [one, other] = [this.#heap[left], this.#heap[left + 1]];
    return one && other && other.at < one.at ? left + 1 : left;
  }
}
