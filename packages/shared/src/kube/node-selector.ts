import { holds, type LabelRequirement, type Labels } from './label-selector.ts';

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly LabelRequirement[];
  readonly matchFields?: readonly LabelRequirement[];
}

/** What a pod's spec says of the nodes that it may be on. */
export interface NodeWishes {
  readonly nodeSelector?: Labels;
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms?: readonly NodeSelectorTerm[];
      };
    };
  };
}

/** A node as selectors see it. */
export interface LabeledNode {
  readonly name: string;
  readonly labels: Labels;
}

/**
 * Whether a pod may be on a node by its node selector and its required node affinity, whose terms are
 * alternatives.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
export function matchesNode(
  { nodeSelector = {}, affinity }: NodeWishes,
  node: LabeledNode,
): boolean {
  const terms =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return (
    Object.entries(nodeSelector).every(([key, value]) => node.labels[key] === value) &&
    (terms === undefined || terms.some((term) => matchesTerm(term, node)))
  );
}

/** All requirements of one term hold; a term without any holds for no node. */
export function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  { name, labels }: LabeledNode,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((expression) => holds(expression, labels)) &&
    matchFields.every((field) => holds(field, { 'metadata.name': name }))
  );
}
