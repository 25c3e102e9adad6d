import { fullJitter, type BackoffLimits } from '@skerry/shared/backoff';
import type { Random } from '@skerry/shared/clock';
import { ConnectionFailed } from '@skerry/shared/socket';

export interface RedialLimits extends BackoffLimits {
  /** Upper bound of the delay while nobody answers, milliseconds. */
  readonly unreachableMaxMs: number;
}

/** What an agent has where nobody says otherwise. */
export const defaultRedial: RedialLimits = {
  firstMs: 500,
  maxMs: 30_000,
  unreachableMaxMs: 1_500,
};

/**
 * How long to wait before the next attempt to reach a hub: exponential, with full jitter.
 *
 * Asking where nobody answers costs nothing but a packet, so there the delay stays short and the link
 * is back soon after the network is. A hub that answers and does not take us in has a reason, or too
 * much to do: it is given more and more time.
 */
export class Redial {
  readonly #limits: RedialLimits;
  readonly #random: Random;
  #unanswered!: Generator<number, never>;
  #turnedAway!: Generator<number, never>;

  constructor(limits: RedialLimits, random: Random) {
    this.#limits = limits;
    this.#random = random;
    this.welcomed();
  }

  /** A hub has taken us in: the next failure starts afresh. */
  welcomed(): void {
    const { firstMs, maxMs, unreachableMaxMs } = this.#limits;
    this.#unanswered = fullJitter({ firstMs, maxMs: unreachableMaxMs }, this.#random);
    this.#turnedAway = fullJitter({ firstMs, maxMs }, this.#random);
  }

  /** Milliseconds to wait after an attempt, or a session, ended with `error`. */
  after(error: unknown): number {
    const isUnanswered = error instanceof ConnectionFailed && !error.answered;
    return (isUnanswered ? this.#unanswered : this.#turnedAway).next().value;
  }
}
