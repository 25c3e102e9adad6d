import { selects } from '@skerry/shared/kube/label-selector';
import type { ClusterState, NodeState, WantingPod } from './facts.ts';
import { domainsOf, repelled, speaksOf, spreadOf } from './neighbours.ts';
import { forbidding, untolerated } from './tolerations.ts';
import { matchesNode } from '@skerry/shared/kube/node-selector';
import { portsClash } from '@skerry/shared/kube/pod-needs';

/** Why a pod cannot be on a node, in the words of Kubernetes; nothing when it can. */
export type Filter = (node: NodeState) => readonly string[];
/** A rule, made ready for one pod. */
type Rule = (pod: WantingPod, state: ClusterState) => Filter;

const unschedulableTaint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** In the order in which they are asked: the first that objects has the word. */
const rules: readonly Rule[] = [
  cordoned,
  taints,
  nodeAffinity,
  hostPorts,
  resources,
  volumes,
  spread,
  podAffinity,
  podAntiAffinity,
];

/** Pure: every rule of scheduling, ready for one pod. */
export function filtersFor(pod: WantingPod, state: ClusterState): Filter {
  const filters = rules.map((rule) => rule(pod, state));
  return (node) => {
    for (const filter of filters) {
      const reasons = filter(node);
      if (reasons.length > 0) return reasons;
    }
    return [];
  };
}

function cordoned({ spec }: WantingPod): Filter {
  const isTolerated = !untolerated(spec.tolerations, [unschedulableTaint], forbidding);
  return ({ unschedulable }) =>
    unschedulable && !isTolerated ? ['node(s) were unschedulable'] : [];
}

function taints({ spec }: WantingPod): Filter {
  return (node) => {
    const taint = untolerated(spec.tolerations, node.taints, forbidding);
    if (!taint) return [];
    return [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
  };
}

function nodeAffinity({ spec }: WantingPod): Filter {
  return (node) =>
    matchesNode(spec, node) ? [] : ["node(s) didn't match Pod's node affinity/selector"];
}

function hostPorts({ ports }: WantingPod): Filter {
  return (node) =>
    ports.some((port) =>
      node.pods.some((other) => other.ports.some((one) => portsClash(one, port))),
    )
      ? ["node(s) didn't have free ports for the requested pod ports"]
      : [];
}

function resources({ requests }: WantingPod): Filter {
  return ({ allocatable, requested, pods }) => {
    const isFull = (pods.length + 1) * 1000 > (allocatable.get('pods') ?? 0);
    const short = [...requests]
      .filter(([name, amount]) => amount > 0 && amount > free(name, allocatable, requested))
      .map(([name]) => `Insufficient ${name}`);
    return isFull ? ['Too many pods', ...short] : short;
  };
}

/** @see https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode */
function volumes(pod: WantingPod): Filter {
  return (node) => pod.volumes?.(node) ?? [];
}

function free(
  name: string,
  allocatable: NodeState['allocatable'],
  requested: NodeState['requested'],
): number {
  return (allocatable.get(name) ?? 0) - (requested.get(name) ?? 0);
}

/** @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/ */
function spread(pod: WantingPod, { nodes }: ClusterState): Filter {
  const hard = (pod.spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
  );
  const eligible = nodes.filter((node) => matchesNode(pod.spec, node));
  const rulesOfSpread = hard.map(({ topologyKey, maxSkew, labelSelector }) => {
    const isMeant = selects(labelSelector);
    const counts = spreadOf(
      eligible,
      topologyKey,
      ({ namespace, labels }) => namespace === pod.namespace && isMeant(labels),
    );
    const least = Math.min(...counts.values());
    return { topologyKey, counts, most: least + maxSkew - (isMeant(pod.labels) ? 1 : 0) };
  });
  return ({ labels }) => {
    for (const { topologyKey, counts, most } of rulesOfSpread) {
      const domain = labels[topologyKey];
      const reason = "node(s) didn't match pod topology spread constraints";
      if (domain === undefined) return [`${reason} (missing required label)`];
      if ((counts.get(domain) ?? 0) > most) return [reason];
    }
    return [];
  };
}

function podAffinity(pod: WantingPod, state: ClusterState): Filter {
  const terms =
    pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const wanted = terms.map((term) => ({
    key: term.topologyKey,
    domains: domainsOf(term, pod, state),
    meansItself: speaksOf(term, pod, pod, state),
  }));
  // the first of pods that want to be together may go anywhere
  const isFirst = wanted.every(({ domains, meansItself }) => domains.size === 0 && meansItself);
  return ({ labels }) => {
    const isMet = wanted.every(({ key, domains }) => {
      const domain = labels[key];
      return domain !== undefined && (isFirst || domains.has(domain));
    });
    return isMet ? [] : ["node(s) didn't match pod affinity rules"];
  };
}

function podAntiAffinity(pod: WantingPod, state: ClusterState): Filter {
  const own = pod.repels.map((term) => ({
    key: term.topologyKey,
    domains: domainsOf(term, pod, state),
  }));
  const others = repelled(pod, state);
  return ({ labels }) => {
    if (own.some(({ key, domains }) => domains.has(labels[key] ?? '\n')))
      return ["node(s) didn't match pod anti-affinity rules"];
    return others.some(([key, domain]) => labels[key] === domain)
      ? ["node(s) didn't satisfy existing pods anti-affinity rules"]
      : [];
  };
}
