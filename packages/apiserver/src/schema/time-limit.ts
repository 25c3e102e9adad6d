import { createContext, Script, type Context } from 'node:vm';
import { EdgeError } from '@skerry/shared/errors';

/** Work took longer than it may, and was ended in the middle. */
export class TimeLimitReached extends EdgeError {
  readonly code = 'api.time-limit-reached';
  readonly disposition = 'reject';
}

/** Ends work that nobody can wait for: also that of a loop, or of a regular expression, that never ends. */
export class TimeLimit {
  readonly #script = new Script('work()');
  #context: Context | undefined;

  /** Does what `work` does at once, for at most `ms` milliseconds; throws TimeLimitReached beyond. */
  within<T>(ms: number, work: () => T): T {
    const context = (this.#context ??= createContext({}));
    const done: T[] = [];
    context['work'] = (): void => void done.push(work());
    try {
      this.#script.runInContext(context, { timeout: ms });
    } catch (error) {
      if ((error as NodeJS.ErrnoException | undefined)?.code === timedOut)
        // an Error of another realm
        throw new TimeLimitReached(`it took longer than ${ms} ms`, { cause: error });
      throw error;
    } finally {
      context['work'] = undefined;
    }
    return done[0] as T;
  }
}

const timedOut = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
