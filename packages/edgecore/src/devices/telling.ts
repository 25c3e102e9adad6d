import { distance, type PropertyType } from './property-value.ts';
import type { Stated } from './twin.ts';

/** How eagerly the reported value of a property is told to the cloud. */
export interface TellingRule {
  readonly type: PropertyType;
  readonly reportToCloud: boolean;
  /** Between two changes that are told, milliseconds; 0: every one. */
  readonly reportCycleMs: number;
  /** A number that is nearer than this to the one last told is no change. */
  readonly deadband: number;
  /** A value that does not change is told again after so many milliseconds; undefined: it is not. */
  readonly heartbeatMs: number | undefined;
}

/** What the cloud was last told of a property, and when: monotonic milliseconds. */
export interface Told {
  readonly stated: Stated;
  readonly at: number;
}

export interface Telling {
  /** What the cloud should be shown; undefined: nothing. */
  readonly told: Told | undefined;
  /** Milliseconds until that changes without anything new; Infinity: it does not. */
  readonly afterMs: number;
}

/** Pure: which reported value is shown to the cloud now, by what it was told before. */
export function tell(
  rule: TellingRule,
  newest: Stated | undefined,
  told: Told | undefined,
  now: number,
): Telling {
  if (!rule.reportToCloud || !newest) return { told: undefined, afterMs: Infinity };
  if (!told) return { told: { stated: newest, at: now }, afterMs: Infinity };
  const apart = distance(rule.type, newest.value, told.stated.value);
  const waitMs = told.at + everyMs(rule, apart, newest, told) - now;
  if (waitMs <= 0) return { told: { stated: newest, at: now }, afterMs: Infinity };
  return { told: apart === 0 ? { stated: newest, at: told.at } : told, afterMs: waitMs };
}

/** How long the cloud is left with what it was told, milliseconds; Infinity while that is right. */
function everyMs(rule: TellingRule, apart: number, newest: Stated, told: Told): number {
  if (apart > 0 && apart >= rule.deadband) return rule.reportCycleMs;
  const isNewer = newest.receivedAt !== told.stated.receivedAt;
  return isNewer ? (rule.heartbeatMs ?? Infinity) : Infinity;
}
