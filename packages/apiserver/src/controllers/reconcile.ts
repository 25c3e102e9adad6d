import { doubling, type BackoffLimits } from '@skerry/shared/backoff';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { supervise, type Task } from '@skerry/shared/supervise';
import { work, WorkQueue, type Requeue, type Working } from '@skerry/shared/workqueue';
import type { Held } from '../storage/held.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { follow } from './follow.ts';

/** How soon an object is tried again after failures in a row. */
export const retryDelays: BackoffLimits = { firstMs: 250, maxMs: 30_000 };

export interface Reconciler {
  /** For each resource followed, the keys that an object of it makes dirty. */
  readonly sources: Readonly<Record<string, (held: Held) => readonly string[]>>;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: Log;
  /** One turn; answers when it wants to be asked again. */
  readonly turn: (key: string) => Promise<Requeue>;
}

/** Gives every key a turn at the start and whenever one of its sources changes. */
export async function reconcile(parts: Reconciler, signal: AbortSignal): Promise<void> {
  const queue = new WorkQueue<string>();
  // what was deleted in a gap is found missing by those that it concerned
  const onGap = (): void => addAll(parts, queue);
  const follows = Object.entries(parts.sources).map(([resource, keysOf]): [string, Task] => [
    resource,
    async (inner) => {
      for await (const held of follow(parts.store, resource, inner, onGap))
        for (const key of keysOf(held)) queue.add(key);
    },
  ]);
  const works: Task = (inner) => work(retrying(parts, queue), inner);
  await supervise(signal, { ...Object.fromEntries(follows), work: works });
}

function addAll({ store, sources }: Reconciler, queue: WorkQueue<string>): void {
  for (const [resource, keysOf] of Object.entries(sources))
    for (const held of store.list(resource)) for (const key of keysOf(held)) queue.add(key);
}

/** One worker, that tries a key whose turn failed again, later each time. */
export function retrying(
  { clock, log, turn }: Pick<Reconciler, 'clock' | 'log' | 'turn'>,
  queue: WorkQueue<string>,
): Working<string> {
  const delays = new Map<string, Generator<number, never>>();
  return {
    queue,
    clock,
    workers: 1,
    reconcile: async (key) => {
      const again = await turn(key);
      delays.delete(key);
      return again;
    },
    failed: (key, error) => {
      const delay = delays.get(key) ?? doubling(retryDelays);
      delays.set(key, delay);
      log.warn({ key, code: codeOf(error) }, messageOf(error));
      return { afterMs: delay.next().value };
    },
  };
}
