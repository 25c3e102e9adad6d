import { setTimeout as sleep } from 'node:timers/promises';

/** Far beyond what a slow machine needs: engines and disks that others keep busy stand still for long. */
export const patienceMs = 90_000;
const pollMs = 50;

/**
 * Asks until `probe` neither throws nor answers undefined or false, and resolves with its answer. When
 * patience ends, what the last attempt said becomes the failure. No test is decided by this limit:
 * it only bounds how long a broken system is waited for.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs: number = patienceMs,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`${what} did not come about within ${limitMs / 1000} s`, { cause: last });
    await sleep(pollMs);
  }
}
