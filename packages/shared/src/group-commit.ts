interface Pending<W> {
  readonly writes: readonly W[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Everything committed while one synced batch is being written goes into the next one, so durability
 * costs one `fsync` per batch and not per write. Batches keep the order of the calls.
 */
export class GroupCommit<W> {
  readonly #write: (batch: readonly W[]) => Promise<void>;
  #queue: Pending<W>[] = [];
  #writing: Promise<void> | undefined;

  /** `write` brings a batch to the disk: all of it or nothing, and synced when it resolves. */
  constructor(write: (batch: readonly W[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when every write is on disk; rejects with what the batch was refused for when none is. */
  commit(writes: readonly W[]): Promise<void> {
    if (writes.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#queue.push({ writes, resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // let the rest of this turn join the first batch
    while (this.#queue.length > 0) {
      const group = this.#queue;
      this.#queue = [];
      await this.#writeAll(group);
    }
    this.#writing = undefined;
  }

  async #writeAll(group: readonly Pending<W>[]): Promise<void> {
    try {
      await this.#write(group.flatMap(({ writes }) => writes));
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
