import type { DeviceTwin } from './device-twin.ts';

/** A device is never called stale sooner than this, however short its cycle. */
export const shortestSilenceMs = 10_000;
/** A device that loses many of its messages is given up to so many cycles between two of them. */
const longestGapCycles = 5;

/**
 * Pure: the silence after which a device is stale, milliseconds: twice the cycle that can be expected of
 * it. That is the declared one or, where messages get lost on the way, the longest gap of late, so that a
 * bad radio does not make a device blink.
 */
export function patienceMs({ gapMs = 0 }: DeviceTwin, cycleMs: number): number {
  const expected = Math.min(Math.max(gapMs, cycleMs), longestGapCycles * cycleMs);
  return Math.max(2 * expected, shortestSilenceMs);
}

/** When a device was last heard, on two clocks, and when that was looked up. */
export interface Heard {
  readonly lastOnline: number;
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly lookedAt: number;
}

/**
 * Pure: when a device was last heard, monotonic milliseconds. The wall clock tells how long ago that was
 * as far as it can be believed: not before the last look, which had not heard of it.
 */
export function heardAt(
  before: Heard | undefined,
  lastOnline: number,
  clocks: { readonly now: number; readonly monotonic: number },
): Heard {
  if (before?.lastOnline === lastOnline) return { ...before, lookedAt: clocks.monotonic };
  const agoMs = Math.max(0, clocks.now - lastOnline);
  const at = before ? Math.max(before.lookedAt, clocks.monotonic - agoMs) : clocks.monotonic;
  return { lastOnline, at, lookedAt: clocks.monotonic };
}
