import type { ClusterState, NodeState, PlacedPod, WantingPod } from './facts.ts';
import { withPods } from './facts.ts';
import { filtersFor } from './filters.ts';

/** Pods that make room for another one on their node. */
export interface Preemption {
  readonly node: string;
  readonly victims: readonly PlacedPod[];
}

/** Nodes that are looked at for one pod: who waits does not hold up the rest of a large site. */
export const maxPreemptionNodes = 100;

/**
 * Pure: the node on which a pod fits when pods of lower priority go, and the fewest and least of them that
 * must; undefined when there is none, or the pod pushes nobody out. Disruption budgets are not served, so
 * none is respected.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
 */
export function preempt(pod: WantingPod, state: ClusterState): Preemption | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return undefined;
  const hasLower = (node: NodeState): boolean =>
    node.pods.some(({ priority }) => priority < pod.priority);
  const candidates = state.nodes.filter(hasLower).slice(0, maxPreemptionNodes);
  const found = candidates.flatMap((node) => {
    const victims = victimsOn(node, pod, state);
    return victims ? [{ node: node.name, victims }] : [];
  });
  return found.toSorted(byHarm)[0];
}

/** Whether a pod only waits for pods to go that it has pushed out already. */
export function isMakingRoom(pod: WantingPod, node: NodeState | undefined): boolean {
  return node?.pods.some((one) => one.isEnding && one.priority < pod.priority) ?? false;
}

/** Undefined: the pod does not fit even without them. */
function victimsOn(
  node: NodeState,
  pod: WantingPod,
  state: ClusterState,
): readonly PlacedPod[] | undefined {
  const lower = node.pods.filter(({ priority }) => priority < pod.priority);
  const others = node.pods.filter((one) => !lower.includes(one));
  const fitsBeside = (some: readonly PlacedPod[]): boolean => {
    const left = withPods({ ...node, pods: [], requested: new Map() }, some);
    const nodes = state.nodes.map((one) => (one === node ? left : one));
    return filtersFor(pod, { ...state, nodes })(left).length === 0;
  };
  if (!fitsBeside(others)) return undefined;
  const kept = [...others];
  const victims: PlacedPod[] = [];
  for (const one of lower.toSorted((a, b) => b.priority - a.priority))
    if (fitsBeside([...kept, one])) kept.push(one);
    else victims.push(one);
  return victims;
}

/** The least important of the most important victims first, then the least in all, then the fewest. */
function byHarm(one: Preemption, other: Preemption): number {
  const [left, right] = [harmOf(one), harmOf(other)];
  const at = left.findIndex((value, index) => value !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

function harmOf({ victims }: Preemption): readonly number[] {
  const priorities = victims.map(({ priority }) => priority);
  const sum = priorities.reduce((all, priority) => all + priority + 2 ** 31, 0);
  return [Math.max(...priorities), sum, victims.length];
}
