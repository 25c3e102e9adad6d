import { results, scoreOf, type LabelledResult, type Result } from './result.ts';

/** Which results a unit passes with. */
export type Rule =
  /** A score, compared; yes, no and not known never pass. */
  | { readonly operator: '>=' | '<='; readonly value: number }
  | { readonly operator: 'eq'; readonly value: Result }
  | { readonly operator: 'in'; readonly values: readonly Result[] };

/** How much a unit's result counts. */
export interface Counting {
  readonly name: string;
  readonly rule: Rule;
  /** A whole number from 0. */
  readonly weight: number;
  /** Without it nothing else matters. */
  readonly required: boolean;
}

/** Whether one unit passed, and with what. */
export interface Mark extends LabelledResult {
  readonly passes: boolean;
}

export interface Aggregate {
  /** Between 0 and 1. */
  readonly z: number;
  /** One for each unit, in their order. */
  readonly marks: readonly Mark[];
}

/** Pure: whether a result is what the rule asks for. */
export function satisfies(result: Result, rule: Rule): boolean {
  const score = scoreOf(result);
  switch (rule.operator) {
    case '>=':
      return score !== undefined && score >= rule.value;
    case '<=':
      return score !== undefined && score <= rule.value;
    case 'eq':
      return result === rule.value;
    case 'in':
      return rule.values.includes(result);
  }
}

/**
 * Pure: Z = Σ w·R / Σ w over the units, where R is 1 for one that passes and else 0. A required unit that
 * fails or is not known makes it 0. Where nothing has any weight nothing speaks against 1.
 */
export function aggregate(
  extracted: readonly LabelledResult[],
  units: readonly Counting[],
): Aggregate {
  const known = new Map(extracted.map((one) => [one.unit, one]));
  const marks = units.map(({ name, rule, required }): Mark => {
    const found = known.get(name) ?? { unit: name, result: results.none, at: 0 };
    const isMissing = required && found.result === results.none;
    return { ...found, passes: !isMissing && satisfies(found.result, rule) };
  });
  const passes = (_: Counting, index: number): boolean => marks[index]?.passes === true;
  if (units.some((unit, index) => unit.required && !passes(unit, index))) return { z: 0, marks };
  const total = weightOf(units);
  return { z: total === 0 ? 1 : weightOf(units.filter(passes)) / total, marks };
}

function weightOf(units: readonly Counting[]): number {
  return units.reduce((sum, { weight }) => sum + weight, 0);
}
