import { fullJitter, type BackoffLimits } from '@skerry/shared/backoff';
import type { Clock, Random } from '@skerry/shared/clock';
import { codeOf, EdgeError, isAbort, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Version } from '@skerry/shared/names';
import type { KubeSource } from '../kube/kube-api.ts';
import { Gone, NotFound, Unavailable } from '../kube/kube-errors.ts';
import type { Observed } from '../route/observed.ts';
import { observe, observeDeletion } from './observe.ts';
import { Rewound, type NumberLine } from './number-line.ts';
import type { WatchedResource } from './watched-resources.ts';

/** What a reflector has to say about its resource. */
export type Reflection =
  /** All there is, at this version. */
  | { readonly type: 'snapshot'; readonly observed: readonly Observed[]; readonly version: Version }
  | { readonly type: 'change'; readonly observed: Observed }
  /** Nothing happened up to this version. */
  | { readonly type: 'progress'; readonly version: Version }
  /** The API does not serve the resource: its CRD is not installed. */
  | { readonly type: 'absent' };

export interface ReflectorParts {
  readonly source: KubeSource;
  readonly resource: WatchedResource;
  readonly line: NumberLine;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told of every failure, by its code. */
  readonly onFailure: (code: string) => void;
}

/** Objects asked for in one page of a list. */
export const pageSize = 500;
/** Shortest life of a watch, seconds; each is given up to twice that, so that they do not end at once. */
export const watchSeconds = 300;
/** A watch that the server ends sooner than this, milliseconds, counts as a failure. */
export const shortWatchMs = 1_000;
/** Longest delay until a resource that is not served is asked for again, milliseconds. */
export const absentPollMs = 2_000;
/** Delays between attempts. */
export const reflectorBackoff: BackoffLimits = { firstMs: 200, maxMs: 10_000 };

/**
 * Lists a resource once, then watches it; resumes at the last version seen when the watch ends or
 * breaks, and lists again when the server has forgotten that version (410). Every
 * failure is logged and tried again after a jittered delay that grows until something succeeds. An
 * object that cannot be read is left out and logged.
 *
 * A connection that died without a word is found by TCP keep-alive, one that a proxy keeps silently open
 * by the watch's own end (`timeoutSeconds`).
 *
 * Before it resumes it asks how far the cluster is: a watch from a version that a restored cluster has not
 * reached yet would stay silent.
 *
 * @throws Rewound when the cluster was restored from a backup.
 *
 * Source: kubernetes.io/docs/reference/using-api/api-concepts, “Efficient detection of changes”.
 */
export async function* reflect(
  parts: ReflectorParts,
  signal: AbortSignal,
): AsyncGenerator<Reflection, void> {
  const retry = new Retry(parts);
  let version: Version | undefined;
  while (!signal.aborted) {
    retry.begin();
    try {
      if (version === undefined) {
        const snapshot = await listAll(parts, signal);
        yield snapshot;
        version = snapshot.version;
      } else await verify(parts, signal);
      for await (const seen of watch(parts, version, signal)) {
        yield seen.reflection;
        version = seen.version;
      }
      retry.ended();
    } catch (error) {
      if (isAbort(error, signal)) return;
      if (error instanceof Rewound) throw error;
      if (error instanceof Gone || error instanceof NotFound) version = undefined;
      if (error instanceof NotFound) yield { type: 'absent' };
      await retry.after(error, signal);
    }
  }
}

/** When to try again, and what to say about it. */
class Retry {
  readonly #parts: ReflectorParts;
  #delays: Generator<number, never>;
  #began = 0;

  constructor(parts: ReflectorParts) {
    this.#parts = parts;
    this.#delays = fullJitter(reflectorBackoff, parts.random);
  }

  begin(): void {
    this.#began = this.#parts.clock.monotonic();
  }

  /** The server ended the watch in peace; throws when that was too soon to begin the next at once. */
  ended(): void {
    if (this.#lastedMs() < shortWatchMs) throw new Unavailable('the watch was cut short');
  }

  /** Waits. What worked for a while begins again with the shortest delay. */
  async after(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, random, log, onFailure } = this.#parts;
    onFailure(codeOf(error));
    const expected = error instanceof NotFound || error instanceof Gone;
    log[expected ? 'debug' : 'warn'](
      { code: codeOf(error), reason: messageOf(error) },
      'list or watch failed',
    );
    if (this.#lastedMs() > reflectorBackoff.maxMs)
      this.#delays = fullJitter(reflectorBackoff, random);
    const delayMs = this.#delays.next().value;
    // A resource that is not served is asked for again soon: somebody may be installing its CRD.
    const ms = error instanceof NotFound ? Math.min(delayMs, absentPollMs) : delayMs;
    await clock.sleep(ms, signal).catch(() => undefined);
  }

  #lastedMs(): number {
    return this.#parts.clock.monotonic() - this.#began;
  }
}

interface Seen {
  readonly reflection: Reflection;
  readonly version: Version;
}

/** One object is enough: its list says how far the cluster is. Throws Rewound. */
async function verify(
  { source, resource, line }: ReflectorParts,
  signal: AbortSignal,
): Promise<void> {
  const before = line.horizon;
  const { version } = await source.list(resource.type, { limit: 1 }, signal);
  line.listed(version, before);
}

async function* watch(
  { source, resource, line, random, log }: ReflectorParts,
  from: Version,
  signal: AbortSignal,
): AsyncGenerator<Seen, void> {
  const timeoutSeconds = Math.round(watchSeconds * (1 + random()));
  for await (const event of source.watch(resource.type, { from, timeoutSeconds }, signal)) {
    if (event.type === 'bookmark') {
      line.seen(event.version);
      yield { reflection: { type: 'progress', version: event.version }, version: event.version };
      continue;
    }
    const read = event.type === 'put' ? observe : observeDeletion;
    const observed = readable(() => read(resource, event.object), log);
    if (!observed) continue;
    line.seen(observed.version);
    yield { reflection: { type: 'change', observed }, version: observed.version };
  }
}

/** All pages of one list. Throws Gone when the list changed under our feet: it begins anew then; Rewound. */
async function listAll(
  { source, resource, line, log }: ReflectorParts,
  signal: AbortSignal,
): Promise<Extract<Reflection, { type: 'snapshot' }>> {
  const observed: Observed[] = [];
  const before = line.horizon;
  let next: string | undefined;
  for (;;) {
    const page = await source.list(resource.type, { limit: pageSize, continue: next }, signal);
    for (const item of page.items) {
      const read = readable(() => observe(resource, item), log);
      if (read) observed.push(read);
    }
    next = page.continue;
    if (next !== undefined) continue;
    line.listed(page.version, before);
    return { type: 'snapshot', observed, version: page.version };
  }
}

/** What cannot be read is left out: it must not hold up the rest of its resource for ever. */
function readable(read: () => Observed, log: Log): Observed | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EdgeError) || error.disposition !== 'reject') throw error;
    log.error({ code: error.code, reason: error.message }, 'an object could not be read');
    return undefined;
  }
}
