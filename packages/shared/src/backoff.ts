import type { Random } from './clock.ts';

export interface BackoffLimits {
  /** Upper bound of the first delay, milliseconds. */
  readonly firstMs: number;
  /** Upper bound of every delay, milliseconds. */
  readonly maxMs: number;
}

/**
 * Delays in milliseconds for one run of failures: exponential, with full jitter, so that many
 * clients cut off at once do not come back at once.
 *
 * Source: “Exponential Backoff and Jitter”, AWS Architecture Blog, 2015.
 */
export function* fullJitter(
  { firstMs, maxMs }: BackoffLimits,
  random: Random,
): Generator<number, never> {
  for (let bound = firstMs; ; bound = Math.min(bound * 2, maxMs))
    yield Math.round(random() * bound);
}

/** Delays without jitter: `firstMs`, doubled up to `maxMs`. */
export function* doubling({ firstMs, maxMs }: BackoffLimits): Generator<number, never> {
  for (let delay = firstMs; ; delay = Math.min(delay * 2, maxMs)) yield delay;
}
