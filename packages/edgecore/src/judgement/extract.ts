import { results, type LabelledResult } from './result.ts';

/** A moment, and how far back from it results count. */
export interface Extraction {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly windowMs: number;
}

/**
 * Pure: for each unit, in their order, the newest of its results that is labelled within
 * (at − window, at], whatever order they came in; `--` for a unit without one.
 */
export function extract(
  found: Iterable<LabelledResult>,
  units: readonly string[],
  { at, windowMs }: Extraction,
): LabelledResult[] {
  const newest = new Map<string, LabelledResult>();
  for (const one of found) {
    if (one.at <= at - windowMs || one.at > at) continue;
    const before = newest.get(one.unit);
    if (!before || isNewer(one, before)) newest.set(one.unit, one);
  }
  return units.map((unit) => newest.get(unit) ?? { unit, result: results.none, at });
}

/** Of two with one label the result decides, so that their order cannot. */
function isNewer(one: LabelledResult, other: LabelledResult): boolean {
  return one.at > other.at || (one.at === other.at && one.result > other.result);
}
