import type { Change } from '../change.ts';
import type { ObjectKey } from '../names.ts';

/** A change that waits, and since when, in monotonic milliseconds. */
export interface Waiting {
  readonly change: Change;
  readonly since: number;
}

/**
 * A queue of objects, each with its newest change: offering a newer one keeps the object's place, so a
 * busy object cannot jump the line. Every call takes constant time, however long the line is.
 */
export class Line {
  readonly #waiting = new Map<ObjectKey, Waiting>();
  /** Goes on where it stands: an iterator begun anew would step over everything deleted before. */
  #walk: Iterator<ObjectKey> = this.#waiting.keys();
  #head: ObjectKey | undefined;

  get size(): number {
    return this.#waiting.size;
  }

  has(key: ObjectKey): boolean {
    return this.#waiting.has(key);
  }

  /** `at` is now, in monotonic milliseconds; an object that waits already has waited since then. */
  put(change: Change, at: number): void {
    const since = this.#waiting.get(change.key)?.since ?? at;
    this.#waiting.set(change.key, { change, since });
  }

  remove(key: ObjectKey): void {
    this.#waiting.delete(key);
    if (this.#head === key) this.#head = undefined;
  }

  peek(): Change | undefined {
    return this.#first()?.change;
  }

  /** Since when the first has waited. */
  get since(): number | undefined {
    return this.#first()?.since;
  }

  take(): Waiting | undefined {
    const first = this.#first();
    if (first) this.remove(first.change.key);
    return first;
  }

  #first(): Waiting | undefined {
    this.#head ??= this.#next();
    return this.#head === undefined ? undefined : this.#waiting.get(this.#head);
  }

  #next(): ObjectKey | undefined {
    const step = this.#walk.next();
    if (step.done !== true) return step.value;
    if (this.#waiting.size === 0) return undefined;
    this.#walk = this.#waiting.keys(); // one that has ended sees nothing that came later
    return this.#next();
  }
}
