/** Lets one task per key run at a time, in the order of the calls. */
export class KeyLock {
  readonly #tails = new Map<string, Promise<void>>();

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const { promise: mine, resolve: release } = Promise.withResolvers<undefined>();
    const before = this.#tails.get(key);
    this.#tails.set(key, mine);
    try {
      if (before) await before;
      return await task();
    } finally {
      release(undefined);
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
    }
  }
}
