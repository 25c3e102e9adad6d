import { selects } from '@skerry/shared/kube/label-selector';
import { matchesTerm } from '@skerry/shared/kube/node-selector';
import type { PodAffinity } from '../client/objects.ts';
import type { ClusterState, NodeState, WantingPod } from './facts.ts';
import { domainsOf, spreadOf } from './neighbours.ts';
import { untolerated } from './tolerations.ts';

/** How much a node is preferred, of at most 100 after weighing; higher is better. */
type Score = (node: NodeState) => number;

/** Pods that ask for nothing count as small ones, so that they do not all go to one node. */
const leastRequests: readonly (readonly [string, number])[] = [
  ['cpu', 100],
  ['memory', 200 * 1024 * 1024 * 1000],
];

/** Pure: what makes one fitting node better than another, and how much each counts. */
export function scoresFor(
  pod: WantingPod,
  state: ClusterState,
  fitting: readonly NodeState[],
): Score {
  const weighed: readonly (readonly [number, Score])[] = [
    [1, (node) => leastAllocated(pod, node)],
    [2, normalised(fitting, nodePreference(pod))],
    [3, inverted(fitting, (node) => untoleratedPreferences(pod, node))],
    [2, normalised(fitting, podPreference(pod, state))],
    [2, inverted(fitting, crowding(pod, state))],
  ];
  return (node) => weighed.reduce((sum, [weight, score]) => sum + weight * score(node), 0);
}

function leastAllocated(
  { requests }: WantingPod,
  { allocatable, requested, pods }: NodeState,
): number {
  const shares = leastRequests.map(([name, least]) => {
    const whole = allocatable.get(name) ?? 0;
    const used = Math.max(requested.get(name) ?? 0, pods.length * least);
    const wanted = Math.max(requests.get(name) ?? 0, least);
    return whole === 0 ? 0 : Math.max(0, (whole - used - wanted) / whole);
  });
  return (100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length;
}

function nodePreference({ spec }: WantingPod): Score {
  const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
  return (node) =>
    (preferred ?? [])
      .filter(({ preference }) => matchesTerm(preference, node))
      .reduce((sum, { weight }) => sum + weight, 0);
}

function untoleratedPreferences({ spec }: WantingPod, { taints }: NodeState): number {
  return taints.filter((taint) => untolerated(spec.tolerations, [taint], ['PreferNoSchedule']))
    .length;
}

function podPreference(pod: WantingPod, state: ClusterState): Score {
  const attracts = preferencesOf(pod, state, pod.spec.affinity?.podAffinity, 1);
  const repels = preferencesOf(pod, state, pod.spec.affinity?.podAntiAffinity, -1);
  const all = [...attracts, ...repels];
  return ({ labels }) =>
    all
      .filter(({ key, domains }) => domains.has(labels[key] ?? '\n'))
      .reduce((sum, { weight }) => sum + weight, 0);
}

interface Preference {
  readonly key: string;
  readonly domains: ReadonlySet<string>;
  readonly weight: number;
}

function preferencesOf(
  pod: WantingPod,
  state: ClusterState,
  affinity: PodAffinity | undefined,
  sign: 1 | -1,
): Preference[] {
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return preferred.map(({ weight, podAffinityTerm }) => ({
    key: podAffinityTerm.topologyKey,
    domains: domainsOf(podAffinityTerm, pod, state),
    weight: sign * weight,
  }));
}

/** Pods of one owner keep apart by node, and by what the pod itself says. */
function crowding(pod: WantingPod, { nodes }: ClusterState): Score {
  const soft = (pod.spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway',
  );
  const asked = soft.map(({ topologyKey, labelSelector }) => ({
    key: topologyKey,
    counts: spreadOf(
      nodes,
      topologyKey,
      ({ namespace, labels }) => namespace === pod.namespace && selects(labelSelector)(labels),
    ),
  }));
  return ({ labels, pods }) => {
    const kin = pod.owner === '' ? [] : pods.filter(({ owner }) => owner === pod.owner);
    return asked.reduce(
      (sum, { key, counts }) => sum + (counts.get(labels[key] ?? '\n') ?? 0),
      kin.length,
    );
  };
}

/** Stretched so that the best of the fitting nodes has 100 and the worst nothing. */
function normalised(fitting: readonly NodeState[], score: Score): Score {
  const scores = new Map(fitting.map((node) => [node.name, score(node)]));
  const least = Math.min(...scores.values());
  const span = Math.max(...scores.values()) - least;
  return ({ name }) => (span === 0 ? 0 : (100 * ((scores.get(name) ?? 0) - least)) / span);
}

function inverted(fitting: readonly NodeState[], score: Score): Score {
  return normalised(fitting, (node) => -score(node));
}
