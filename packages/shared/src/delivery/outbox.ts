import type { Change } from '../change.ts';
import type { ObjectKey } from '../names.ts';

/**
 * What one node still has to learn: at most one change per object, the newest. It grows with the
 * number of distinct objects, never with the number of updates or the length of an outage (G6).
 */
export class Outbox {
  readonly #pending = new Map<ObjectKey, Change>();

  get size(): number {
    return this.#pending.size;
  }

  /** Changes are offered in the order in which they happened: the last one is the newest. */
  offer(change: Change): void {
    this.#pending.set(change.key, change); // a Map keeps its place: a busy object cannot jump the line
  }

  peek(): Change | undefined {
    const [first] = this.#pending.values();
    return first;
  }

  take(): Change | undefined {
    const first = this.peek();
    if (first) this.#pending.delete(first.key);
    return first;
  }
}
