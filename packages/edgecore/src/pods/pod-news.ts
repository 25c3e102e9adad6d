import type { ObjectKey } from '@skerry/shared/names';

/** What of a work queue news needs. */
interface Dirty {
  add(key: ObjectKey): void;
}

/**
 * News of pods brings a turn, except of a pod that a turn is about to look at again: that look sees what the
 * news is about. Without it, what a turn does would bring another one each time.
 */
export class PodNews {
  readonly #dirty: Dirty;
  /** Pods that will be looked at again, and whether anything was heard of them since. */
  readonly #awaiting = new Map<ObjectKey, boolean>();

  constructor(dirty: Dirty) {
    this.#dirty = dirty;
  }

  heard(key: ObjectKey): void {
    if (this.#awaiting.has(key)) this.#awaiting.set(key, true);
    else this.#dirty.add(key);
  }

  /** The pod's turn acts, and looks again when it has. */
  lookFollows(key: ObjectKey): void {
    this.#awaiting.set(key, false);
  }

  /** The look begins: news from now on may be of what it does not see. */
  looking(key: ObjectKey): void {
    this.#awaiting.delete(key);
  }

  /** The turn is over, as expected or not: what no look has seen counts now. */
  over(key: ObjectKey): void {
    const heard = this.#awaiting.get(key);
    this.#awaiting.delete(key);
    if (heard === true) this.#dirty.add(key);
  }
}
