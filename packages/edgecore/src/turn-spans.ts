import { codeOf } from '@skerry/shared/errors';
import type { ObjectKey } from '@skerry/shared/names';
import type { TraceContext } from '@skerry/shared/tracing/trace-context';
import type { Span, Tracing } from '@skerry/shared/tracing/tracing';
import type { TurnObserver } from '@skerry/shared/workqueue';

/** A traced change that is on disk, until it is acted upon. */
interface Awaited {
  readonly context: TraceContext;
  readonly span: Span;
}
/** By the object that changed: a newer change of the same object stands for both. */
type AwaitedByOrigin = Map<ObjectKey, Awaited>;

/**
 * Follows traced changes through the rooms that act on them: each is acted upon when the next turn for its
 * key has ended. A turn that only makes other keys dirty (a ConfigMap's its pods) hands its changes on.
 */
export class TurnSpans implements TurnObserver<ObjectKey> {
  readonly #tracing: Tracing;
  readonly #waiting = new Map<ObjectKey, AwaitedByOrigin>();
  readonly #acting = new Map<ObjectKey, AwaitedByOrigin>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** `key` is about to be dirty because of a change that is followed as `context`. */
  woken(key: ObjectKey, context: TraceContext): void {
    this.#await(key, key, context);
  }

  caused(key: ObjectKey, cause: ObjectKey): void {
    for (const [origin, { context }] of this.#acting.get(cause) ?? [])
      this.#await(key, origin, context);
  }

  begun(key: ObjectKey): ((failure?: unknown) => void) | undefined {
    const awaited = this.#waiting.get(key);
    if (!awaited) return undefined;
    this.#waiting.delete(key);
    this.#acting.set(key, awaited);
    return (failure) => {
      this.#acting.delete(key);
      for (const { span } of awaited.values())
        span.end(failure === undefined ? undefined : codeOf(failure));
    };
  }

  #await(key: ObjectKey, origin: ObjectKey, context: TraceContext): void {
    const facts = { 'skerry.key': key };
    const span = this.#tracing.begin('applied', { parent: context, facts });
    if (!span) return;
    const waiting: AwaitedByOrigin = this.#waiting.get(key) ?? new Map<ObjectKey, Awaited>();
    waiting.get(origin)?.span.end('superseded');
    this.#waiting.set(key, waiting.set(origin, { context, span }));
  }
}
