import { isAbort } from './errors.ts';

/** A long-running part: ends when its signal aborts, or throws when it cannot go on. */
export type Task = (signal: AbortSignal) => Promise<void>;

/**
 * Runs parts together. When one ends or throws, the others are told to end, and the first failure is
 * rethrown once all have. Returns normally when `signal` aborts and every part ended in peace.
 */
export async function supervise(
  signal: AbortSignal,
  tasks: Readonly<Record<string, Task>>,
): Promise<void> {
  const ended = new AbortController();
  const inner = AbortSignal.any([signal, ended.signal]);
  const failures: unknown[] = [];
  const runs = Object.values(tasks).map(async (task) => {
    try {
      await task(inner);
    } catch (error) {
      if (!isAbort(error, inner)) failures.push(error);
    } finally {
      ended.abort(new DOMException('a sibling ended', 'AbortError'));
    }
  });
  await Promise.all(runs);
  if (failures.length > 0) throw failures[0] as Error;
}

/** Resolves when the signal aborts: the body of a part whose work is done by listeners. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Acts when the signal aborts, at once if it has; disposing the result calls that off. */
export function whenAborted(signal: AbortSignal, act: () => void): Disposable {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', act) };
}

/** The task, once `gate` is open; not at all when the signal aborts before. */
export function behind(gate: Promise<unknown>, task: Task): Task {
  return async (signal) => {
    const ended = Promise.withResolvers<undefined>();
    using _ = whenAborted(signal, () => ended.resolve(undefined));
    await Promise.race([gate, ended.promise]);
    if (!signal.aborted) await task(signal);
  };
}
