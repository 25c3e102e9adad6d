import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from './pod.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Whether a pod may be on this node, by its node selector and required node affinity.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
export function wantsNode({ nodeSelector = {}, affinity }: PodSpec, node: Labeled): boolean {
  const isSelected = Object.entries(nodeSelector).every(
    ([name, value]) => node.labels[name] === value,
  );
  const terms =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return isSelected && (terms === undefined || terms.some((term) => isMet(term, node)));
}

/** A node as selectors see it. */
export interface Labeled {
  readonly name: string;
  readonly labels: Labels;
}

/** All requirements of one term hold; a term without any holds for no node. */
function isMet(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: Labeled,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const fields: Labels = { 'metadata.name': node.name };
  return (
    matchExpressions.every((one) => holds(one, node.labels)) &&
    matchFields.every((one) => holds(one, fields))
  );
}

function holds({ key, operator, values = [] }: NodeSelectorRequirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compares(value, values, (a, b) => a > b);
    case 'Lt':
      return compares(value, values, (a, b) => a < b);
  }
}

function compares(
  value: string | undefined,
  [bound = '']: readonly string[],
  is: (a: number, b: number) => boolean,
): boolean {
  const isInteger = (text: string): boolean => /^-?\d+$/.test(text);
  return (
    value !== undefined && isInteger(value) && isInteger(bound) && is(Number(value), Number(bound))
  );
}
