import type { Change } from '../change.ts';
import { Line, type Waiting } from './line.ts';

/**
 * Which of two lines a change waits in: `urgent` is what somebody waits for (deletions, pods and what
 * comes with them, desired values), `bulk` all the rest (updates of ConfigMaps, Secrets and models, and
 * statuses that come back to where they were reported).
 */
export type Lane = 'urgent' | 'bulk';

/** While both lines wait, one of so many changes is from the bulk. */
export const bulkShare = 8;

/**
 * What one node still has to learn: at most one change per object, the newest. It grows with the
 * number of distinct objects, never with the number of updates or the length of an outage (G6).
 *
 * An object waits in one line at a time, so its own changes never overtake each other; one that waits
 * in the bulk and becomes urgent changes over, and never back.
 */
export class Outbox {
  readonly #urgent = new Line();
  readonly #bulk = new Line();
  #urgentInARow = 0;

  get size(): number {
    return this.#urgent.size + this.#bulk.size;
  }

  /**
   * Changes are offered in the order in which they happened: the last one is the newest. `at` is now,
   * in monotonic milliseconds.
   */
  offer(change: Change, lane: Lane, at: number): void {
    if (lane === 'bulk' && !this.#urgent.has(change.key)) {
      this.#bulk.put(change, at);
      return;
    }
    this.#bulk.remove(change.key);
    this.#urgent.put(change, at);
  }

  /** Since when the object has waited that has waited longest; undefined when nothing waits. */
  get since(): number | undefined {
    const heads = [this.#urgent.since, this.#bulk.since].filter((at) => at !== undefined);
    return heads.length === 0 ? undefined : Math.min(...heads);
  }

  /** Where the next change comes from; undefined when nothing waits. */
  get nextLane(): Lane | undefined {
    if (this.#urgent.size === 0) return this.#bulk.size === 0 ? undefined : 'bulk';
    return this.#bulk.size > 0 && this.#urgentInARow >= bulkShare - 1 ? 'bulk' : 'urgent';
  }

  peek(): Change | undefined {
    const lane = this.nextLane;
    return lane && this.#line(lane).peek();
  }

  take(): Waiting | undefined {
    const lane = this.nextLane;
    if (lane === undefined) return undefined;
    this.#urgentInARow = lane === 'urgent' ? this.#urgentInARow + 1 : 0;
    return this.#line(lane).take();
  }

  #line(lane: Lane): Line {
    return lane === 'urgent' ? this.#urgent : this.#bulk;
  }
}
