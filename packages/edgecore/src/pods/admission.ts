import { BILLION, type Amounts } from '@skerry/shared/kube/amounts';
import { matchesNode } from '@skerry/shared/kube/node-selector';
import { portsClash } from '@skerry/shared/kube/pod-needs';
import { SYSTEM_CRITICAL } from '../node/eviction.ts';
import type { PodObject, Toleration } from './pod.ts';
import type { PodClaim } from './pod-claim.ts';
import { qosClass } from './resources.ts';
import { annotation } from './static/static-manifest.ts';

/** What a node has for pods, and what it asks of them. */
export interface NodeRoom {
  readonly name: string;
  readonly allocatable: Amounts;
  /** Undefined while the Node itself has not been seen: then nobody knows what others have put on it. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly runtimeClasses: ReadonlySet<string>;
  /** Types of the pressure conditions that are True. */
  readonly pressures: readonly string[];
}

/** Why a pod is Failed without a container of it having failed. */
export interface PodVerdict {
  readonly reason: string;
  readonly message: string;
  /** How long its containers have to end; absent: as the pod says. */
  readonly graceSeconds?: number;
  /** The pod could have gone on elsewhere: the node has ended it for its own sake. */
  readonly isDisruption?: true;
}

/**
 * Pure: why this node does not take the pod; undefined when it does. `others` are the pods it has taken.
 *
 * The reasons are those of a kubelet; `RuntimeClassNotFound` is ours, where a kubelet would try again
 * without end.
 *
 * Source: `AdmissionCheck` of `pkg/scheduler/framework/plugins`, `pkg/kubelet/lifecycle/predicate.go`,
 * and `Admit` of `pkg/kubelet/eviction/eviction_manager.go`.
 */
export function refusalOf(
  pod: PodObject,
  claim: PodClaim,
  room: NodeRoom,
  others: readonly PodClaim[],
): PodVerdict | undefined {
  return (
    underPressure(pod, room) ??
    unknownRuntime(pod, room) ??
    lacking(claim, room, others) ??
    unwanted(pod, room) ??
    portTaken(claim, others)
  );
}

/** Memory pressure keeps out who asks for none; any other keeps out everybody. */
function underPressure(pod: PodObject, { pressures }: NodeRoom): PodVerdict | undefined {
  if (pressures.length === 0 || importanceOf(pod) >= SYSTEM_CRITICAL) return undefined;
  const onlyMemory = pressures.every((type) => type === 'MemoryPressure');
  if (onlyMemory && qosClass(pod.spec) !== 'BestEffort') return undefined;
  if (onlyMemory && (pod.spec.tolerations ?? []).some(toleratesMemoryPressure)) return undefined;
  return refused('Evicted', `The node had condition: [${pressures.join(' ')}]. `);
}

/** The priority of a pod; one of a manifest on the node is as critical as can be, as with a kubelet. */
export function importanceOf({ metadata, spec }: PodObject): number {
  const isStatic = metadata.annotations?.[annotation.source] === 'file';
  return isStatic ? SYSTEM_CRITICAL : (spec.priority ?? 0);
}

function toleratesMemoryPressure({ key = '', operator, effect = '' }: Toleration): boolean {
  const isKey =
    key === 'node.kubernetes.io/memory-pressure' || (key === '' && operator === 'Exists');
  return isKey && (effect === '' || effect === 'NoSchedule');
}

function unknownRuntime({ spec }: PodObject, { runtimeClasses }: NodeRoom): PodVerdict | undefined {
  const name = spec.runtimeClassName;
  if (name === undefined || runtimeClasses.has(name)) return undefined;
  const known = [...runtimeClasses].join(', ');
  return refused(
    'RuntimeClassNotFound',
    `RuntimeClass "${name}" not found on this node; it has: ${known}`,
  );
}

function lacking(
  { requests }: PodClaim,
  { allocatable }: NodeRoom,
  others: readonly PodClaim[],
): PodVerdict | undefined {
  for (const [name, requested] of requests) {
    if (requested === 0n) continue;
    const capacity = allocatable.get(name) ?? 0n;
    const used = others.reduce((sum, other) => sum + (other.requests.get(name) ?? 0n), 0n);
    if (used + requested <= capacity) continue;
    const units = [requested, used, capacity].map((amount) => inUnits(name, amount));
    const [asked, taken, all] = units;
    return refused(
      `OutOf${name}`,
      `Node didn't have enough resource: ${name}, requested: ${asked}, used: ${taken}, capacity: ${all}`,
    );
  }
  return undefined;
}

/** Thousandths of cores; bytes and pieces as they are. */
function inUnits(name: string, amount: bigint): string {
  return String(name === 'cpu' ? amount / (BILLION / 1_000n) : amount / BILLION);
}

function unwanted({ spec }: PodObject, { name, labels }: NodeRoom): PodVerdict | undefined {
  if (labels === undefined || matchesNode(spec, { name, labels })) return undefined;
  const why = "node(s) didn't match Pod's node affinity/selector";
  return refused('NodeAffinity', `Predicate NodeAffinity failed: ${why}`);
}

function portTaken({ hostPorts }: PodClaim, others: readonly PodClaim[]): PodVerdict | undefined {
  const taken = others.flatMap((other) => other.hostPorts);
  if (!hostPorts.some((port) => taken.some((other) => portsClash(port, other)))) return undefined;
  const why = "node(s) didn't have free ports for the requested pod ports";
  return refused('NodePorts', `Predicate NodePorts failed: ${why}`);
}

function refused(reason: string, message: string): PodVerdict {
  return { reason, message: `Pod was rejected: ${message}` };
}
