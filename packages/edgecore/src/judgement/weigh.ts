import { results, scoreResult, type Result } from './result.ts';

export const comparisons = ['>=', '>', '<=', '<', '==', '!='] as const;
export type Comparison = (typeof comparisons)[number];

/** One attempt to measure, and what came of it. */
export interface Sample {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Undefined: the attempt came to nothing. */
  readonly value: number | undefined;
}

/** How samples become a result. */
export interface Weighing {
  readonly mode: 'score' | 'yesNo';
  /** The newest so many samples are taken together. */
  readonly samples: number;
  readonly threshold: number;
  /** For a score it says which way is better: `>=` and `>` up, `<=` and `<` down. */
  readonly comparison: Comparison;
}

/**
 * Pure: the result of a unit from its samples, in whatever order they came. M is the mean of those of the
 * newest attempts that gave a number.
 *
 * A score is clamp(round(100·M/F), 0, 100), or F/M where less is better: nothing at all is then 100. Yes is
 * said when M compares with F as it should. Without a number nothing is known.
 */
export function weigh(samples: readonly Sample[], weighing: Weighing): Result {
  const mean = meanOf(samples, weighing.samples);
  if (mean === undefined) return results.none;
  const { mode, threshold, comparison } = weighing;
  if (mode === 'yesNo') return holds(mean, comparison, threshold) ? results.yes : results.no;
  return scoreResult(scoreFor(mean, threshold, isLowerBetter(comparison)));
}

/** M of the newest `count` attempts; undefined when none of them gave a number. */
export function meanOf(samples: readonly Sample[], count: number): number | undefined {
  const newest = samples.toSorted(
    (a, b) => b.at - a.at || (b.value ?? -Infinity) - (a.value ?? -Infinity),
  );
  const values = newest.slice(0, count).flatMap(({ value }) => value ?? []);
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function isLowerBetter(comparison: Comparison): boolean {
  return comparison === '<=' || comparison === '<';
}

export function holds(mean: number, comparison: Comparison, threshold: number): boolean {
  switch (comparison) {
    case '>=':
      return mean >= threshold;
    case '>':
      return mean > threshold;
    case '<=':
      return mean <= threshold;
    case '<':
      return mean < threshold;
    case '==':
      return mean === threshold;
    case '!=':
      return mean !== threshold;
  }
}

/** 0 to 100. A threshold of nothing is met by anything that is at least nothing. */
function scoreFor(mean: number, threshold: number, lowerIsBetter: boolean): number {
  if (lowerIsBetter && mean === 0) return 100;
  if (!lowerIsBetter && threshold === 0) return mean >= 0 ? 100 : 0;
  const share = lowerIsBetter ? threshold / mean : mean / threshold;
  return Math.max(0, Math.min(100, Math.round(100 * share)));
}
