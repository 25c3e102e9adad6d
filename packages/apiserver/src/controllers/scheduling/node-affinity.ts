import type { Attributes } from '../../storage/held.ts';
import type { NodeSelectorTerm, PodSpec } from '../client/objects.ts';
import { holds } from '../workload/label-selector.ts';

interface Labelled {
  readonly name: string;
  readonly labels: Attributes;
}

/**
 * Whether a pod may be on a node by its node selector and its required node affinity.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
export function matchesNode({ nodeSelector = {}, affinity }: PodSpec, node: Labelled): boolean {
  const isSelected = Object.entries(nodeSelector).every(
    ([key, value]) => node.labels[key] === value,
  );
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return isSelected && (!required || matchesAny(required.nodeSelectorTerms, node));
}

/** Terms are alternatives; an empty one matches nothing. */
export function matchesAny(terms: readonly NodeSelectorTerm[], node: Labelled): boolean {
  return terms.some((term) => matchesTerm(term, node));
}

export function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  { name, labels }: Labelled,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((expression) => holds(expression, labels)) &&
    matchFields.every((field) => holds(field, { 'metadata.name': name }))
  );
}
