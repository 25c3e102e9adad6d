import { setImmediate } from 'node:timers/promises';
import { HistoryForgotten } from '../storage/resource-log.ts';
import type { Held } from '../storage/held.ts';
import type { ObjectStore } from '../storage/object-store.ts';

/** Objects of a long list that are followed before others get a turn. */
const atATime = 128;

/**
 * The names in the store's changes to one resource: first every object there is, then each that
 * changes. A name may come more often than the object changed, never less, except that after a gap in
 * the history, which `onGap` hears of, what was deleted meanwhile is not named. Ends when `signal` aborts.
 */
export async function* follow(
  store: ObjectStore,
  resource: string,
  signal: AbortSignal,
  onGap: () => void = () => undefined,
): AsyncGenerator<Held, void> {
  const log = store.log(resource);
  let revision = store.revision;
  yield* inTurns(store.list(resource));
  while (!signal.aborted) {
    try {
      const events = log.after(revision);
      if (events.length === 0) await log.changed(signal);
      for (const { held } of events) {
        revision = held.revision;
        yield held;
      }
    } catch (error) {
      if (!(error instanceof HistoryForgotten)) throw error;
      revision = store.revision;
      onGap();
      yield* inTurns(store.list(resource));
    }
  }
}

/** Nobody waits for a whole list: a site with 100,000 objects answers while its controllers read them. */
async function* inTurns(list: readonly Held[]): AsyncGenerator<Held, void> {
  for (const [at, held] of list.entries()) {
    if (at % atATime === atATime - 1) await setImmediate();
    yield held;
  }
}
