import type { Change } from '../change.ts';
import type { ObjectKey } from '../names.ts';

/**
 * A queue of objects, each with its newest change: offering a newer one keeps the object's place, so a
 * busy object cannot jump the line. Every call takes constant time, however long the line is.
 */
export class Line {
  readonly #changes = new Map<ObjectKey, Change>();
  /** Goes on where it stands: an iterator begun anew would step over everything deleted before. */
  #walk: Iterator<ObjectKey> = this.#changes.keys();
  #head: ObjectKey | undefined;

  get size(): number {
    return this.#changes.size;
  }

  has(key: ObjectKey): boolean {
    return this.#changes.has(key);
  }

  put(change: Change): void {
    this.#changes.set(change.key, change);
  }

  remove(key: ObjectKey): void {
    this.#changes.delete(key);
    if (this.#head === key) this.#head = undefined;
  }

  peek(): Change | undefined {
    this.#head ??= this.#next();
    return this.#head === undefined ? undefined : this.#changes.get(this.#head);
  }

  take(): Change | undefined {
    const first = this.peek();
    if (first) this.remove(first.key);
    return first;
  }

  #next(): ObjectKey | undefined {
    const step = this.#walk.next();
    if (step.done !== true) return step.value;
    if (this.#changes.size === 0) return undefined;
    this.#walk = this.#changes.keys(); // one that has ended sees nothing that came later
    return this.#next();
  }
}
