export type Labels = Readonly<Record<string, string>>;

export interface LabelRequirement {
  readonly key: string;
  /** `In`, `NotIn`, `Exists`, `DoesNotExist`; of nodes also `Gt` and `Lt`. */
  readonly operator: string;
  readonly values?: readonly string[];
}

export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly LabelRequirement[];
}

/** A LabelSelector of an object's spec, ready to be asked; an absent one selects nothing. */
export function selects(selector: LabelSelector | undefined): (labels: Labels) => boolean {
  if (!selector) return () => false;
  const equal = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  return (labels) =>
    equal.every(([key, value]) => labels[key] === value) &&
    expressions.every((expression) => holds(expression, labels));
}

/** One requirement of labels. An unknown operator never holds. */
export function holds({ key, operator, values = [] }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined; // a label may be named `constructor`
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return compares(operator, value, values[0]);
  }
}

/** Whole numbers alone are compared. */
function compares(operator: string, value = '', bound = ''): boolean {
  if (![value, bound].every((text) => /^[+-]?\d+$/.test(text))) return false;
  if (operator === 'Gt') return BigInt(value) > BigInt(bound);
  return operator === 'Lt' && BigInt(value) < BigInt(bound);
}
