import { Recent } from '@skerry/shared/recent';

/** What is said again within this time is counted, not told as something new. */
const SAME_WITHIN_MS = 600_000;
/** Of one object so many repetitions are told at once, and then one in so long. */
const BURST = 25;
const REFILL_MS = 300_000;
/** What is remembered at most; the longest unheard is forgotten, and would be told as new. */
const MAX_REMEMBERED = 4096;

/** One thing that has been said, maybe several times. Times in milliseconds since the epoch. */
export interface Told {
  /** Of the Event that says it. */
  readonly name: string;
  readonly count: number;
  readonly firstAt: number;
}

interface Allowance {
  readonly tokens: number;
  readonly at: number;
}

/**
 * Counts repetitions, so that a probe that fails every second is one Event with a count, as
 * `kubectl describe` shows it, and not one for every failure. Limits as those of kubelets
 * (`client-go/tools/record/events_cache.go`).
 */
export class EventTally {
  readonly #told = new Recent<string, Told & { readonly lastAt: number }>(MAX_REMEMBERED);
  readonly #allowances = new Recent<string, Allowance>(MAX_REMEMBERED);

  /**
   * Notes that `what` is said about `whom`; answers what to tell, or undefined when it has been told
   * often enough for now. `name` makes the name of a new Event.
   */
  note(whom: string, what: string, now: number, name: () => string): Told | undefined {
    const key = `${whom} ${what}`;
    const before = this.#told.get(key);
    const isSame = before !== undefined && now - before.lastAt < SAME_WITHIN_MS;
    const told = isSame
      ? { ...before, count: before.count + 1, lastAt: now }
      : { name: name(), count: 1, firstAt: now, lastAt: now };
    this.#told.set(key, told);
    return !isSame || this.#mayRepeat(whom, now) ? told : undefined;
  }

  #mayRepeat(whom: string, now: number): boolean {
    const { tokens, at } = this.#allowances.get(whom) ?? { tokens: BURST, at: now };
    const refilled = Math.min(BURST, tokens + Math.max(0, now - at) / REFILL_MS);
    const may = refilled >= 1;
    this.#allowances.set(whom, { tokens: may ? refilled - 1 : refilled, at: now });
    return may;
  }
}
