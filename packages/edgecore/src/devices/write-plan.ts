import type { DeviceTwin } from './device-twin.ts';
import type { PropertyTwin } from './twin.ts';

/** How often a desired value is written before the device is left alone. */
export const maxWriteAttempts = 10;

/** The longest wait for a confirmation after the first write, doubled after each, milliseconds. */
const firstWaitMs = 2_000;
const longestWaitMs = 60_000;

/** A desired value that is not reported yet. */
export interface Goal {
  readonly property: string;
  readonly value: string;
  /** Changes with the wish and the Device: a new one is written at once. */
  readonly wish: string;
  /** Changes with what the device reports and whether it is there: then it is worth trying anew. */
  readonly circumstances: string;
}

/** What was done about a goal so far. Times are monotonic milliseconds. */
export interface Attempt {
  readonly wish: string;
  readonly circumstances: string;
  /** Writes that left, in these circumstances. */
  readonly count: number;
  /** When the last one was tried. */
  readonly at: number;
  /** How long the device has to confirm it. */
  readonly waitMs: number;
}

export function goalOf(
  property: string,
  value: string,
  { desired, reported }: PropertyTwin,
  { uid, state }: Pick<DeviceTwin, 'uid' | 'state'>,
): Goal {
  return {
    property,
    value,
    wish: `${uid} ${desired?.version.cloud}.${desired?.version.edge}`,
    circumstances: `${reported?.version.edge} ${state}`,
  };
}

/** Pure: when to write next, monotonic milliseconds; Infinity when it has been tried often enough. */
export function dueAt(goal: Goal, attempt: Attempt | undefined, now: number): number {
  if (attempt?.wish !== goal.wish) return now;
  if (attempt.circumstances !== goal.circumstances) return attempt.at + firstWaitMs;
  return attempt.count >= maxWriteAttempts ? Infinity : attempt.at + attempt.waitMs;
}

/**
 * The record of one more write. Waits double, spread over their upper half so that devices do not ask
 * in step; `spread` is a random number in [0, 1). A write that did not leave is not counted.
 */
export function attempted(
  goal: Goal,
  earlier: Attempt | undefined,
  { left, now, spread }: { readonly left: boolean; readonly now: number; readonly spread: number },
): Attempt {
  const same = earlier?.wish === goal.wish && earlier.circumstances === goal.circumstances;
  const before = same ? earlier.count : 0;
  const boundMs = Math.min(firstWaitMs * 2 ** before, longestWaitMs);
  return {
    wish: goal.wish,
    circumstances: goal.circumstances,
    count: before + (left ? 1 : 0),
    at: now,
    waitMs: (boundMs / 2) * (1 + spread),
  };
}
