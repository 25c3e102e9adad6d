/**
 * Does what it is given one after the other, while its owner goes on. After a failure it does nothing
 * more; who waits for it, or disposes of it, learns of the failure.
 */
export class OneByOne implements AsyncDisposable {
  #last: Promise<void> = Promise.resolve();

  add(task: () => Promise<void>): void {
    this.#last = this.#last.then(task);
    this.#last.catch(() => undefined); // told to who waits
  }

  /** Resolves when everything is done that was given. */
  done(): Promise<void> {
    return this.#last;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#last;
  }
}
