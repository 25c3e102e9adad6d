/** Time as a part: product code never reads the machine's clock by itself. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump. */
  now(): number;
  /** Milliseconds that only grow, for measuring spans. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A number in [0, 1). */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();

/** A longer timer of Node's would go off at once: 2^31 - 1 milliseconds, almost 25 days. */
const longestTimerMs = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    let left = ms;
    for (; left > longestTimerMs; left -= longestTimerMs) await timer(longestTimerMs, signal);
    await timer(left, signal);
  },
};

function timer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timeout);
      reject(signal.reason as Error);
    };
    const timeout = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** RFC 3339 has years of four digits: nothing is later than this, milliseconds since the epoch. */
const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Kubernetes `metav1.Time`: RFC 3339 in UTC with whole seconds; what is later than the year 9999 is its end. */
export function kubeTime(ms: number): string {
  return `${new Date(Math.min(ms, latestMs)).toISOString().slice(0, 19)}Z`;
}

/** Kubernetes `metav1.MicroTime`: RFC 3339 in UTC with microseconds. */
export function kubeMicroTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
