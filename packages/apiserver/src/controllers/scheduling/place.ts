import { compareText } from '../workload/pod-state.ts';
import type { ClusterState, NodeState, WantingPod } from './facts.ts';
import { filtersFor } from './filters.ts';
import { scoresFor } from './scores.ts';

/** Where a pod goes, or why it can go nowhere. */
export type Placement =
  | { readonly do: 'bind'; readonly node: string }
  | { readonly do: 'wait'; readonly message: string };

/**
 * Pure: the best node for a pod; of equal ones the first by name, so that the same question always has
 * the same answer.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
 */
export function place(pod: WantingPod, state: ClusterState): Placement {
  if (state.nodes.length === 0)
    return { do: 'wait', message: 'no nodes available to schedule pods' };
  const filter = filtersFor(pod, state);
  const reasons = new Map<string, number>();
  const fitting = state.nodes.filter((node) => {
    const objections = filter(node);
    for (const reason of objections) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return objections.length === 0;
  });
  const best = bestOf(pod, state, fitting);
  if (best) return { do: 'bind', node: best.name };
  const counted = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort(compareText);
  const message = `0/${state.nodes.length} nodes are available: ${counted.join(', ')}.`;
  return { do: 'wait', message };
}

function bestOf(
  pod: WantingPod,
  state: ClusterState,
  fitting: readonly NodeState[],
): NodeState | undefined {
  if (fitting.length <= 1) return fitting[0];
  const score = scoresFor(pod, state, fitting);
  const scored = fitting.map((node) => ({ node, score: score(node) }));
  return scored.reduce((best, one) => (one.score > best.score ? one : best)).node;
}
