/** Wakes one waiter: a ring is heard by who waits then, and by nobody else. */
export class Bell {
  #ring: (() => void) | undefined;

  ring(): void {
    this.#ring?.();
  }

  /** Resolves at the first ring after this call; rejects with the signal's reason when it aborts. */
  wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#ring = () => {
        signal.removeEventListener('abort', onAbort);
        this.#ring = undefined;
        resolve();
      };
    });
  }
}
