import { listAt, objectAt, textAt, type Json } from '../json.ts';
import type { Requirement } from './label-selector.ts';

/**
 * What a LabelSelector object asks for, as a query's selector would; an empty one asks for nothing and
 * so takes everything. What no selector may say takes nothing.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/
 */
export function requirementsOf(selector: Json): readonly Requirement[] {
  const equal = Object.entries(objectAt(selector, 'matchLabels') ?? {});
  return [
    ...equal.map(([key, value]): Requirement => ({
      operator: 'in',
      key,
      values: typeof value === 'string' ? [value] : [],
    })),
    ...listAt(selector, 'matchExpressions').map(requirementOf),
  ];
}

function requirementOf(expression: Json): Requirement {
  const key = textAt(expression, 'key') ?? '';
  const values = listAt(expression, 'values').filter((value) => typeof value === 'string');
  switch (textAt(expression, 'operator')) {
    case 'Exists':
      return { operator: 'exists', key };
    case 'DoesNotExist':
      return { operator: 'absent', key };
    case 'NotIn':
      return { operator: 'notin', key, values };
    case 'In':
      return { operator: 'in', key, values };
    default:
      return { operator: 'in', key, values: [] };
  }
}
