import { doubling, type BackoffLimits } from '@skerry/shared/backoff';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { supervise } from '@skerry/shared/supervise';
import { work, WorkQueue, type Requeue } from '@skerry/shared/workqueue';
import type { ObjectStore } from '../storage/object-store.ts';
import { follow } from './follow.ts';

/** How soon an object is tried again after failures in a row. */
export const retryDelays: BackoffLimits = { firstMs: 250, maxMs: 30_000 };

export interface Reconciler {
  /** The resource whose objects are reconciled. */
  readonly resource: string;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: Log;
  /** One turn; answers when it wants to be asked again. */
  readonly turn: (name: string) => Promise<Requeue>;
}

/** Gives every object of a cluster-scoped resource a turn at the start and at each of its changes. */
export async function reconcile(parts: Reconciler, signal: AbortSignal): Promise<void> {
  const queue = new WorkQueue<string>();
  const delays = new Map<string, Generator<number, never>>();
  await supervise(signal, {
    follow: async (inner) => {
      for await (const { name } of follow(parts.store, parts.resource, inner)) queue.add(name);
    },
    work: (inner) =>
      work(
        {
          queue,
          clock: parts.clock,
          workers: 1,
          reconcile: async (name) => {
            const again = await parts.turn(name);
            delays.delete(name);
            return again;
          },
          failed: (name, error) => {
            const delay = delays.get(name) ?? doubling(retryDelays);
            delays.set(name, delay);
            const { resource, log } = parts;
            log.warn({ key: `${resource}//${name}`, code: codeOf(error) }, messageOf(error));
            return { afterMs: delay.next().value };
          },
        },
        inner,
      ),
  });
}
