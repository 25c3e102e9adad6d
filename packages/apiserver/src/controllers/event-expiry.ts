import type { Clock } from '@skerry/shared/clock';
import { codeOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { textAt, type KubeObject } from '../json.ts';
import type { ObjectStore } from '../storage/object-store.ts';

/** How long an event is kept after it was last seen, milliseconds; as long as Kubernetes does. */
export const eventLifeMs = 3_600_000;
/** How often events are looked through, milliseconds. */
export const sweepEveryMs = 60_000;

export interface ExpiryParts {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** Forgets events that nobody has seen again for an hour, so that they do not pile up. */
export async function runEventExpiry(
  { store, clock, log }: ExpiryParts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await sweep(store, clock.now() - eventLifeMs);
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'old events stay for another minute');
    }
    await clock.sleep(sweepEveryMs, signal).catch(() => undefined); // the end of the loop says why
  }
}

async function sweep(store: ObjectStore, before: number): Promise<void> {
  const old = store.list('events').filter((held) => lastSeen(held.parse()) < before);
  await Promise.all(
    old.map((listed) =>
      store.change(listed, (held) => {
        const event = held?.parse();
        if (!event || lastSeen(event) >= before) return { do: 'keep' };
        return { do: 'remove', object: event };
      }),
    ),
  );
}

const timesSeen = [
  ['metadata', 'creationTimestamp'],
  ['lastTimestamp'],
  ['eventTime'],
  ['series', 'lastObservedTime'],
] as const;

/** Milliseconds since the epoch. */
function lastSeen(event: KubeObject): number {
  const times = timesSeen.map((path) => Date.parse(textAt(event, ...path) ?? ''));
  return Math.max(...times.filter((time) => !Number.isNaN(time)));
}
