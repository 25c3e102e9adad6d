import type { ObjectKey } from '@skerry/shared/names';

type Listener = (key: ObjectKey) => void;

/** Tells those who listen which keys have changed. */
export class News {
  readonly #listeners = new Set<Listener>();

  readonly tell = (key: ObjectKey): void => {
    for (const listener of this.#listeners) listener(key);
  };

  /** Until the answer is called. Listeners must only take note. */
  readonly listen = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
