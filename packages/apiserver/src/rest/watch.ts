import { expired } from '../refusals.ts';
import { encodeHeld, type Held, type Revision } from '../storage/held.ts';
import type { ReadableObjects } from '../storage/readable-objects.ts';
import { HistoryForgotten, type LogEvent } from '../storage/resource-log.ts';
import type { Answer, Frames, WatchFrame } from './answer.ts';
import type { Call, ReadParts } from './call.ts';
import { listOptions, type ListOptions } from './options.ts';
import { selectionOf, type Selection } from './selection.ts';

/** How often a watch that allows bookmarks is told how far it has come, milliseconds. */
export const bookmarkEveryMs = 60_000;
/** A watch without `timeoutSeconds` ends after one to two times this, so that clients spread out. */
export const minimumWatchSeconds = 1800;

/**
 * The changes of a collection after a version, in order; without a version (or from 0) the state as
 * ADDED first. A version that the history no longer reaches is answered by an ERROR frame of code 410.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export function watch(parts: ReadParts, call: Call): Answer {
  const options = listOptions(call);
  const selects = selectionOf(call);
  return {
    type: 'watch',
    frames: (signal) => frames(parts, { call, options, selects }, signal),
  };
}

interface Watching {
  readonly call: Call;
  readonly options: ListOptions;
  readonly selects: Selection;
}

async function* frames(parts: ReadParts, watching: Watching, signal: AbortSignal): Frames {
  const { options } = watching;
  const seconds = options.timeoutSeconds ?? minimumWatchSeconds * (1 + parts.random());
  using timers = startTimers(parts, seconds * 1000, signal);
  const now = parts.store.revision;
  if (startsWithState(options)) yield initialFrames(parts.store, watching);
  const from = startsWithState(options) ? now : options.version || now;
  if (from > now) {
    yield [{ type: 'ERROR', error: expired(`resource version ${from} is not of this history`) }];
    return;
  }
  try {
    yield* changesAfter(from, parts.store, watching, timers);
  } catch (error) {
    if (!(error instanceof HistoryForgotten)) throw error;
    const message = `too old resource version: ${error.revision} (${error.floor})`;
    yield [{ type: 'ERROR', error: expired(message) }];
  }
}

async function* changesAfter(
  from: Revision,
  store: ReadableObjects,
  { call, options, selects }: Watching,
  timers: Timers,
): Frames {
  const log = store.log(call.resource.storage);
  let revision = from;
  while (!timers.ended.aborted) {
    const events = log.after(revision);
    revision = events.at(-1)?.held.revision ?? revision;
    const batch = events.flatMap((event) => toFrame(event, selects) ?? []);
    if (timers.nextPeriod()) {
      revision = Math.max(revision, store.revision);
      if (options.allowBookmarks) batch.push({ type: 'BOOKMARK', revision, initial: false });
    }
    if (batch.length > 0) yield batch;
    else if (events.length === 0) await log.changed(timers.period);
  }
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists */
function startsWithState({ version, sendInitialEvents }: ListOptions): boolean {
  return sendInitialEvents ?? (version === undefined || version === 0);
}

function initialFrames(
  store: ReadableObjects,
  { call, options, selects }: Watching,
): readonly WatchFrame[] {
  const state = store
    .list(call.resource.storage, call.namespace)
    .filter(selects)
    .map((held): WatchFrame => ({ type: 'ADDED', held }));
  if (options.sendInitialEvents === true && options.allowBookmarks)
    state.push({ type: 'BOOKMARK', revision: store.revision, initial: true });
  return state;
}

/** What an event means to one who sees only what `selects` shows. */
function toFrame({ type, held, previous }: LogEvent, selects: Selection): WatchFrame | undefined {
  const before = previous !== undefined && selects(previous);
  if (type === 'DELETED') return before ? { type, held } : undefined;
  const now = selects(held);
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', held };
  return before ? { type: 'DELETED', held: atRevision(previous, held.revision) } : undefined;
}

/** The last state that a selector showed, at the revision of the change that hid it. */
function atRevision(held: Held, revision: Revision): Held {
  return encodeHeld(held, held.parse(), revision);
}

interface Timers extends Disposable {
  /** Aborts when the watch is over. */
  readonly ended: AbortSignal;
  /** Aborts when a bookmark is due or the watch is over. */
  readonly period: AbortSignal;
  /** True when the period is over; then the next one begins. */
  nextPeriod(): boolean;
}

function startTimers({ clock }: ReadParts, lifeMs: number, signal: AbortSignal): Timers {
  const over = new AbortController();
  let period = new AbortController();
  const end = (): void => {
    signal.removeEventListener('abort', end);
    over.abort();
    period.abort();
  };
  const startPeriod = (): void => {
    const mine = new AbortController();
    period = mine;
    clock.sleep(bookmarkEveryMs, over.signal).then(() => mine.abort(), end);
  };
  signal.addEventListener('abort', end, { once: true });
  clock.sleep(lifeMs, over.signal).then(end, end);
  startPeriod();
  if (signal.aborted) end();
  return {
    ended: over.signal,
    get period() {
      return period.signal;
    },
    nextPeriod: () => {
      if (!period.signal.aborted || over.signal.aborted) return false;
      startPeriod();
      return true;
    },
    [Symbol.dispose]: end,
  };
}
