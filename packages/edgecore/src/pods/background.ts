import type { Log } from '@skerry/shared/log';
import { codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { ObjectKey } from '@skerry/shared/names';

/**
 * Work that outlasts a turn (pulls, graceful stops): begun by one, its end brings the next. A pod
 * whose image is being pulled can so be deleted, and one that is being stopped can be killed.
 */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #wake: (key: ObjectKey) => void;
  readonly #log: Log;

  constructor(wake: (key: ObjectKey) => void, log: Log) {
    this.#wake = wake;
    this.#log = log;
  }

  /** Begins `task` for a pod. What it throws is logged: it has noted for itself what failed. */
  begin(key: ObjectKey, task: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): void {
    const running = task(signal)
      .catch((error: unknown) => {
        if (isAbort(error, signal)) return;
        this.#log.warn({ key, code: codeOf(error), error: messageOf(error) }, 'pod work failed');
      })
      .then(() => {
        this.#running.delete(running);
        if (!signal.aborted) this.#wake(key);
      });
    this.#running.add(running);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
