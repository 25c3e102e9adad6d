import type { Clock } from '@skerry/shared/clock';
import type { Timeline } from './timeline.ts';

/** The wall clock of a machine: it may be wrong, and jump. */
export interface WallClock {
  offsetMs: number;
}

const beginning = Date.UTC(2026, 0, 1);

/**
 * A process: it can be killed between any two events, and then nothing that it waits for comes to pass.
 * What its promises still do in the moment of its death reaches neither network nor disk.
 */
export class Machine implements Clock {
  readonly name: string;
  readonly timeline: Timeline;
  readonly #wall: WallClock;
  readonly #bornAt: number;
  readonly #stop = new AbortController();
  #alive = true;

  constructor(name: string, timeline: Timeline, wall: WallClock) {
    this.name = name;
    this.timeline = timeline;
    this.#wall = wall;
    this.#bornAt = timeline.now;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Aborts when the process is asked to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  askToEnd(): void {
    this.#stop.abort(new DOMException('told to end', 'AbortError'));
  }

  kill(): void {
    this.#alive = false;
  }

  now(): number {
    return Math.round(beginning + this.timeline.now + this.#wall.offsetMs);
  }

  monotonic(): number {
    return this.timeline.now - this.#bornAt;
  }

  /** Does something later, unless the process is dead by then. */
  later(ms: number, act: () => void): () => void {
    return this.timeline.after(ms, () => {
      if (this.#alive) act();
    });
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        callOff();
        reject(signal.reason as Error);
      };
      const callOff = this.later(ms, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
