import { hostPortsOf, type HostPort } from '@skerry/shared/kube/pod-needs';
import { textAt } from '../../json.ts';
import type { Attributes } from '../../storage/held.ts';
import { controllerOf } from '../client/kinds.ts';
import type { Node, Pod, PodAffinityTerm, PodSpec, Taint } from '../client/objects.ts';
import { hasEnded } from '../workload/pod-state.ts';
import { volumesDirectoryOf } from '../volumes/provision.ts';
import { amounts, requestsOf, sum, type MilliAmounts } from './amounts.ts';

/** What scheduling needs to know of a pod that is on a node; few bytes, kept while the pod is. */
export interface PlacedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Those of a higher one may push it out. */
  readonly priority: number;
  readonly labels: Attributes;
  readonly requests: MilliAmounts;
  readonly ports: readonly HostPort[];
  /** Pods that it will not be near. */
  readonly repels: readonly PodAffinityTerm[];
  /** Uid of what manages it; empty when nothing does. */
  readonly owner: string;
  readonly isEnding: boolean;
}

/** A pod that is to be placed. */
export interface WantingPod extends PlacedPod {
  readonly spec: PodSpec;
  /** Why its volumes keep it from a node; nothing when they do not. Absent: it has none. */
  readonly volumes?: (node: NodeState) => readonly string[];
}

/** Pure. Undefined for a pod that is nowhere, or has ended and needs nothing any more. */
export function placedPod(pod: Pod): (PlacedPod & { readonly node: string }) | undefined {
  const { nodeName = '' } = pod.spec;
  if (nodeName === '' || hasEnded(pod)) return undefined;
  const { spec: _spec, ...facts } = wantingPod(pod);
  return { ...facts, node: nodeName };
}

/** Pure. */
export function wantingPod(pod: Pod): WantingPod {
  const { metadata, spec } = pod;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    priority: spec.priority ?? 0,
    labels: metadata.labels ?? {},
    requests: requestsOf(spec),
    ports: hostPortsOf(spec),
    repels: spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    owner: controllerOf(pod)?.uid ?? '',
    isEnding: metadata.deletionTimestamp !== undefined,
    spec,
  };
}

/** A node, and what is on it. */
export interface NodeState {
  readonly name: string;
  readonly labels: Attributes;
  /** Whether volumes can be made in a directory of it. */
  readonly keepsVolumes?: boolean;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly allocatable: MilliAmounts;
  readonly pods: readonly PlacedPod[];
  readonly requested: MilliAmounts;
}

/** Pure. What matters of a Node to scheduling; its heartbeats do not. */
export function nodeState({ metadata, spec, status }: Node): NodeState {
  return {
    name: metadata.name,
    labels: metadata.labels ?? {},
    keepsVolumes: volumesDirectoryOf({ metadata }) !== undefined,
    taints: spec?.taints ?? [],
    unschedulable: spec?.unschedulable === true,
    allocatable: amounts(status?.allocatable ?? status?.capacity),
    pods: [],
    requested: new Map(),
  };
}

export function withPods(node: NodeState, pods: readonly PlacedPod[]): NodeState {
  const requested = sum(node.requested, ...pods.map(({ requests }) => requests));
  return { ...node, pods: [...node.pods, ...pods], requested };
}

/** Everything that a decision looks at. */
export interface ClusterState {
  readonly nodes: readonly NodeState[];
  /** By namespace. */
  readonly namespaceLabels: ReadonlyMap<string, Attributes>;
}

/** Names of the claims that a pod mounts. */
export function claimsOf({ volumes = [] }: PodSpec): string[] {
  return volumes.flatMap((volume) => textAt(volume, 'persistentVolumeClaim', 'claimName') ?? []);
}
