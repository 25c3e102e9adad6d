import { selects } from '@skerry/shared/kube/label-selector';
import type { PodAffinityTerm } from '../client/objects.ts';
import type { ClusterState, NodeState, PlacedPod, WantingPod } from './facts.ts';

/** Whether a term of `subject`'s affinity speaks of `other`. */
export function speaksOf(
  term: PodAffinityTerm,
  subject: PlacedPod,
  other: PlacedPod,
  { namespaceLabels }: ClusterState,
): boolean {
  const { namespaces = [], namespaceSelector, labelSelector } = term;
  const isOfOwn = namespaces.length === 0 && !namespaceSelector;
  const isInNamespace = isOfOwn
    ? other.namespace === subject.namespace
    : namespaces.includes(other.namespace) ||
      selects(namespaceSelector)(namespaceLabels.get(other.namespace) ?? {});
  return isInNamespace && selects(labelSelector)(other.labels);
}

/** The values of a topology key where there is a pod that a term speaks of. */
export function domainsOf(
  term: PodAffinityTerm,
  pod: WantingPod,
  state: ClusterState,
): ReadonlySet<string> {
  const domains = new Set<string>();
  for (const { labels, pods } of state.nodes) {
    const domain = labels[term.topologyKey];
    if (domain === undefined || domains.has(domain)) continue;
    if (pods.some((other) => speaksOf(term, pod, other, state))) domains.add(domain);
  }
  return domains;
}

/** Where pods are that will not have this one near: topology keys and values. */
export function repelled(pod: WantingPod, state: ClusterState): readonly [string, string][] {
  return state.nodes.flatMap(({ labels, pods }) =>
    pods.flatMap((other) =>
      other.repels
        .filter((term) => speaksOf(term, other, pod, state))
        .flatMap(({ topologyKey }): [string, string][] => {
          const domain = labels[topologyKey];
          return domain === undefined ? [] : [[topologyKey, domain]];
        }),
    ),
  );
}

/** How many pods that a selector matches there are in each domain of a topology key. */
export function spreadOf(
  nodes: readonly NodeState[],
  topologyKey: string,
  counts: (pod: PlacedPod) => boolean,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { labels, pods } of nodes) {
    const domain = labels[topologyKey];
    if (domain === undefined) continue;
    const here = pods.filter((pod) => !pod.isEnding && counts(pod)).length;
    found.set(domain, (found.get(domain) ?? 0) + here);
  }
  return found;
}
