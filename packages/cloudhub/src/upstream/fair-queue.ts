import type { NodeName } from '@skerry/shared/names';

/** `urgent` goes before `bulk`, but never keeps it waiting for ever. */
export type Rank = 'urgent' | 'bulk';

/** After so many urgent items in a row one bulk item is let in. */
export const urgentRun = 7;

/** What the queue needs to know of an item. */
export interface Queued {
  readonly node: NodeName;
  readonly rank: Rank;
}

/**
 * Items of many nodes. Taken by rank, within a rank one node after the other, within a node in the order
 * of arrival: one node's backlog does not keep another waiting. An item is in the queue at most once.
 */
export class FairQueue<T extends Queued> {
  readonly #lanes: Readonly<Record<Rank, Map<NodeName, Set<T>>>> = {
    urgent: new Map(),
    bulk: new Map(),
  };
  #takers: ((item: T) => void)[] = [];
  #urgentInRow = 0;
  #size = 0;

  /** Items that wait. */
  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    const taker = this.#takers.shift();
    if (taker) {
      taker(item);
      return;
    }
    const lane = this.#lanes[item.rank];
    const waiting = lane.get(item.node) ?? new Set();
    if (waiting.has(item)) return;
    lane.set(item.node, waiting.add(item));
    this.#size++;
  }

  /** The next item; waits for one. Rejects with the signal's reason when it aborts. */
  take(signal: AbortSignal): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const item = this.#next();
    return item ? Promise.resolve(item) : this.#wait(signal);
  }

  #next(): T | undefined {
    const turn: Rank = this.#urgentInRow >= urgentRun ? 'bulk' : 'urgent';
    const other: Rank = turn === 'bulk' ? 'urgent' : 'bulk';
    const item = this.#nextOf(turn) ?? this.#nextOf(other);
    if (!item) return undefined;
    this.#size--;
    this.#urgentInRow = item.rank === 'urgent' ? this.#urgentInRow + 1 : 0;
    return item;
  }

  #nextOf(rank: Rank): T | undefined {
    const lane = this.#lanes[rank];
    const [first] = lane;
    if (!first) return undefined;
    const [node, waiting] = first;
    const [item] = waiting;
    if (item) waiting.delete(item);
    lane.delete(node);
    if (waiting.size > 0) lane.set(node, waiting); // to the end of the line
    return item;
  }

  #wait(signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const taker = (item: T): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(item);
      };
      const onAbort = (): void => {
        this.#takers = this.#takers.filter((other) => other !== taker);
        reject(signal.reason as Error);
      };
      this.#takers.push(taker);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
