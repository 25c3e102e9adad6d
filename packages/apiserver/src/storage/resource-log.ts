import { EdgeError } from '@skerry/shared/errors';
import type { Held, Revision } from './held.ts';

export type LogEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One write of one object. `held` of a deletion is the last state, at the deletion's revision. */
export interface LogEvent {
  readonly type: LogEventType;
  readonly held: Held;
  /** What a modification replaced or a deletion ended. */
  readonly previous?: Held | undefined;
}

/** The history after `revision` is no longer complete. */
export class HistoryForgotten extends EdgeError {
  readonly code = 'storage.history-forgotten';
  readonly disposition = 'reject';
  readonly revision: Revision;
  /** The oldest revision from which the history is complete. */
  readonly floor: Revision;

  constructor(revision: Revision, floor: Revision) {
    super(`history begins after ${floor}, not after ${revision}`);
    this.revision = revision;
    this.floor = floor;
  }
}

export interface LogLimits {
  readonly events: number;
  /** Encoded objects, together. */
  readonly bytes: number;
}

/**
 * The recent writes of one resource, oldest first. Watchers hold no queue of their own: each remembers
 * a revision and reads on from there, so memory does not grow with their number or their slowness.
 */
export class ResourceLog {
  readonly #limits: LogLimits;
  #events: LogEvent[] = [];
  #bytes = 0;
  #floor: Revision;
  #waiting = new Set<() => void>();

  constructor(floor: Revision, limits: LogLimits) {
    this.#floor = floor;
    this.#limits = limits;
  }

  /** Reading on from this revision or a later one misses nothing. */
  get floor(): Revision {
    return this.#floor;
  }

  append(event: LogEvent): void {
    this.#events.push(event);
    this.#bytes += event.held.bytes.length;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /** Forgets what exceeds the limits, a block at a time, and returns it. */
  trim(): readonly LogEvent[] {
    if (!this.#over(this.#limits)) return [];
    const target = { events: this.#limits.events * 0.9, bytes: this.#limits.bytes * 0.9 };
    let count = 0;
    for (; this.#events.length - count > 1 && this.#over(target, count); count++)
      this.#bytes -= this.#events[count]?.held.bytes.length ?? 0;
    const forgotten = this.#events.splice(0, count);
    this.#floor = forgotten.at(-1)?.held.revision ?? this.#floor;
    return forgotten;
  }

  /** Every event after `revision`, oldest first. Throws HistoryForgotten when some are gone. */
  after(revision: Revision): readonly LogEvent[] {
    if (revision < this.#floor) throw new HistoryForgotten(revision, this.#floor);
    return this.#events.slice(this.#firstAfter(revision));
  }

  /** Resolves at the next event, or when `signal` aborts. */
  changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #over(limits: LogLimits, skipped = 0): boolean {
    return this.#events.length - skipped > limits.events || this.#bytes > limits.bytes;
  }

  #firstAfter(revision: Revision): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.#events[middle];
      if (event && event.held.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
