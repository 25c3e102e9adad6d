import type { Clock } from './clock.ts';

/**
 * What `awaited` comes to, or undefined when that takes longer than `ms`. The wait ends with the answer, so
 * nothing that was to happen on time out can happen after it. Rejects as `awaited` does, and with the
 * signal's reason when it aborts before.
 */
export async function within<T>(
  ms: number,
  awaited: Promise<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T | undefined> {
  const over = new AbortController();
  const overdue = clock
    .sleep(ms, AbortSignal.any([signal, over.signal]))
    .then((): undefined => undefined);
  overdue.catch(() => undefined); // called off
  try {
    return await Promise.race([awaited, overdue]);
  } finally {
    over.abort(new DOMException('no longer awaited', 'AbortError'));
  }
}
