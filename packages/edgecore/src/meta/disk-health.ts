import type { Clock } from '@skerry/shared/clock';
import { messageOf } from '@skerry/shared/errors';
import type { Store } from '@skerry/shared/store';

/** Since when the disk refuses what the agent writes, milliseconds since the epoch, and why. */
export interface DiskRefusal {
  readonly since: number;
  readonly why: string;
}

/** Time between two looks at the disk, milliseconds. */
export const diskLookMs = 5_000;
/** With less room than this the disk is tried: it may be full, and nobody have anything to write. */
export const tightBytes: number = 1024 * 1024;

/** What is written to try it, bytes: more than is left of a block that a file has already. */
const probeBytes = 8 * 1024;

export interface DiskHealthParts {
  readonly clock: Clock;
  readonly freeBytes: () => Promise<number>;
}

/** Whether the disk takes what the agent writes, as far as it was tried. */
export class DiskHealth {
  readonly #parts: DiskHealthParts;
  #refusal: DiskRefusal | undefined;

  constructor(parts: DiskHealthParts) {
    this.#parts = parts;
  }

  /** Undefined while it takes everything. */
  get refusal(): DiskRefusal | undefined {
    return this.#refusal;
  }

  /** Does what `commit` does, and remembers whether the disk refused it. */
  async watch(commit: () => Promise<void>): Promise<void> {
    try {
      await commit();
      this.#refusal = undefined;
    } catch (error) {
      const since = this.#refusal?.since ?? this.#parts.clock.now();
      const { cause = error } = error as Error; // what the disk said, where that is known
      this.#refusal = { since, why: messageOf(cause) };
      throw error;
    }
  }

  /** Tries a disk that has refused, or that is all but full, until `signal` aborts. */
  async keepTrying(store: Store, signal: AbortSignal): Promise<void> {
    const { clock, freeBytes } = this.#parts;
    const probe = store.table('disk-probe').put('last', Buffer.alloc(probeBytes));
    for (;;) {
      await clock.sleep(diskLookMs, signal);
      const free = await freeBytes().catch(() => Infinity);
      if (this.#refusal || free < tightBytes) await store.commit([probe]).catch(() => undefined); // it is known
    }
  }
}
