import type { Attributes } from '../../storage/held.ts';
import type { LabelSelector, LabelSelectorRequirement } from '../client/objects.ts';

/** A LabelSelector of an object's spec, ready to be asked; an absent one selects nothing. */
export function selects(selector: LabelSelector | undefined): (labels: Attributes) => boolean {
  if (!selector) return () => false;
  const equal = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  return (labels) =>
    equal.every(([key, value]) => labels[key] === value) &&
    expressions.every((expression) => holds(expression, labels));
}

/** One requirement of labels; `Gt` and `Lt` are of nodes alone. An unknown operator never holds. */
export function holds(
  { key, operator, values = [] }: LabelSelectorRequirement,
  labels: Attributes,
): boolean {
  const value = labels[key];
  const number = value === undefined ? Number.NaN : Number(value);
  const operators: Readonly<Record<string, () => boolean>> = {
    In: () => value !== undefined && values.includes(value),
    NotIn: () => value === undefined || !values.includes(value),
    Exists: () => value !== undefined,
    DoesNotExist: () => value === undefined,
    Gt: () => number > Number(values[0]),
    Lt: () => number < Number(values[0]),
  };
  return operators[operator]?.() ?? false;
}
