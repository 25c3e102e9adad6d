import { Appointments } from './appointments.ts';
import type { Clock } from './clock.ts';

/** Follows keys through the turns of a queue. */
export interface TurnObserver<K> {
  /** While `cause` had its turn, `key` became dirty because of it. */
  caused(key: K, cause: K): void;
  /** A turn begins; what is returned is told that it has ended, and with what, where it failed. */
  begun(key: K): ((failure?: unknown) => void) | undefined;
}

/**
 * Dirty keys, after client-go's `util/workqueue`:
 *
 * - **fair**: keys come out in the order in which they became dirty;
 * - **stingy**: a key added many times before it is taken comes out once;
 * - **exclusive**: one key is never processed twice at once;
 * - **re-entrant**: a key added while it is processed comes out again afterwards.
 */
export class WorkQueue<K extends string> {
  readonly #dirty = new Set<K>();
  readonly #processing = new Set<K>();
  readonly #again = new Set<K>();
  #waiting: ((key: K) => void)[] = [];
  readonly observer: TurnObserver<K> | undefined;

  constructor(observer?: TurnObserver<K>) {
    this.observer = observer;
  }

  /** Keys that wait to be taken. */
  get depth(): number {
    return this.#dirty.size;
  }

  /** Keys that wait to be taken, or are taken and not done. */
  get size(): number {
    return this.#dirty.size + this.#processing.size;
  }

  /** `cause`: whose turn asks for it. */
  add(key: K, cause?: K): void {
    if (cause !== undefined) this.observer?.caused(key, cause);
    if (this.#processing.has(key)) {
      this.#again.add(key);
      return;
    }
    const taker = this.#waiting.shift();
    if (!taker) {
      this.#dirty.add(key);
      return;
    }
    this.#processing.add(key);
    taker(key);
  }

  /** The next dirty key; waits for one. Every key taken must be given to `done`. */
  take(signal: AbortSignal): Promise<K> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const [key] = this.#dirty;
    if (key !== undefined) {
      this.#dirty.delete(key);
      this.#processing.add(key);
      return Promise.resolve(key);
    }
    return new Promise((resolve, reject) => {
      const taker = (taken: K): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(taken);
      };
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== taker);
        reject(signal.reason as Error);
      };
      this.#waiting.push(taker);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  done(key: K): void {
    this.#processing.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }
}

/** What a reconciler answers: settled, or when it wants to be asked again (milliseconds from now). */
export type Requeue = { readonly afterMs: number } | undefined;

/** Asks again when the first of these times has passed, milliseconds; settled when there is none. */
export function againIn(...waitsMs: readonly (number | undefined)[]): Requeue {
  const known = waitsMs.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : { afterMs: Math.min(...known) };
}

export interface Working<K extends string> {
  readonly queue: WorkQueue<K>;
  readonly clock: Clock;
  /** Keys worked on at once. */
  readonly workers: number;
  /** One turn towards desired. What it throws is given to `failed`. */
  readonly reconcile: (key: K, signal: AbortSignal) => Promise<Requeue>;
  /** Decides when a failed key is tried again. */
  readonly failed: (key: K, error: unknown) => Requeue;
}

/** Takes keys and reconciles them until `signal` aborts. A failure stays with its key. */
export async function work<K extends string>(
  parts: Working<K>,
  signal: AbortSignal,
): Promise<void> {
  const { queue, clock, workers } = parts;
  const later = new Appointments<K>();
  const runs = Array.from({ length: workers }, () => workOne(parts, later, signal));
  await Promise.all([...runs, later.keep(clock, (key) => queue.add(key), signal)]);
}

async function workOne<K extends string>(
  { queue, clock, reconcile, failed }: Working<K>,
  later: Appointments<K>,
  signal: AbortSignal,
): Promise<void> {
  const turn = async (key: K): Promise<Requeue> => {
    const ended = queue.observer?.begun(key);
    try {
      const again = await reconcile(key, signal);
      ended?.();
      return again;
    } catch (error) {
      ended?.(error);
      return signal.aborted ? undefined : failed(key, error);
    }
  };
  for (;;) {
    const key = await queue.take(signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (key === undefined) return;
    later.cancel(key);
    const again = await turn(key).finally(() => queue.done(key));
    if (again) later.make(key, clock.monotonic() + again.afterMs);
  }
}
