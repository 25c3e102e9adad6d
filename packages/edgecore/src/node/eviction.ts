import type { Thresholds } from './capacity.ts';
import type { NodeFacts } from './node-facts.ts';

/** What may run short, as a kubelet names it. */
export type Signal =
  'memory.available' | 'nodefs.available' | 'nodefs.inodesFree' | 'pid.available';

/** Something of which less is left than must be. */
export interface Shortage {
  readonly signal: Signal;
  readonly available: number;
  readonly threshold: number;
}

/** What pods of the node are worth, and what they use. */
export interface Evictable {
  readonly priority: number;
  readonly memoryRequestBytes: number;
  readonly diskRequestBytes: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Files and directories; nobody can ask for some. */
  readonly inodes: number;
  readonly processes: number;
}

/** Names of resources in the message of an eviction, and the condition that goes with each. */
export const signals: Readonly<
  Record<Signal, { readonly resource: string; readonly condition: string }>
> = {
  'memory.available': { resource: 'memory', condition: 'MemoryPressure' },
  'nodefs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure' },
  'nodefs.inodesFree': { resource: 'inodes', condition: 'DiskPressure' },
  'pid.available': { resource: 'pids', condition: 'PIDPressure' },
};

/** Pods of this priority and above are critical: they are never evicted, and taken under pressure. */
export const SYSTEM_CRITICAL = 2_000_000_000;

/** Pure: what runs short now, memory first: nothing else ends a machine as quickly. */
export function shortages(facts: NodeFacts, least: Thresholds): Shortage[] {
  const seen: Shortage[] = [
    {
      signal: 'memory.available',
      available: facts.memoryAvailableBytes,
      threshold: least.memoryBytes,
    },
    { signal: 'nodefs.available', available: facts.diskAvailableBytes, threshold: least.diskBytes },
    // a file system without a number of inodes has no shortage of them
    {
      signal: 'nodefs.inodesFree',
      available: facts.inodes === 0 ? Infinity : facts.inodesAvailable,
      threshold: least.inodes,
    },
    {
      signal: 'pid.available',
      available: facts.maxThreads - facts.threads,
      threshold: least.threads,
    },
  ];
  return seen.filter(({ available, threshold }) => available < threshold);
}

/**
 * Pure: the pods that may be evicted, the first to go first: those that use more than they asked for,
 * then the less important, then those that use most beyond what they asked for. That is eviction by QoS:
 * BestEffort pods ask for nothing, Guaranteed pods never use more than they asked for.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#pod-selection-for-kubelet-eviction
 */
export function evictionOrder<P extends Evictable>(pods: readonly P[], signal: Signal): P[] {
  const excess = (pod: P): number => excessOf(pod, signal);
  return pods
    .filter(({ priority }) => priority < SYSTEM_CRITICAL)
    .toSorted(
      (a, b) =>
        Number(excess(b) > 0) - Number(excess(a) > 0) ||
        a.priority - b.priority ||
        excess(b) - excess(a),
    );
}

function excessOf(pod: Evictable, signal: Signal): number {
  switch (signal) {
    case 'memory.available':
      return pod.memoryBytes - pod.memoryRequestBytes;
    case 'nodefs.available':
      return pod.diskBytes - pod.diskRequestBytes;
    case 'nodefs.inodesFree':
      return pod.inodes;
    case 'pid.available':
      return pod.processes;
  }
}

/** The sentence about an eviction, as a kubelet writes it. */
export function evictionMessage({ signal, available, threshold }: Shortage): string {
  const { resource } = signals[signal];
  const amount = (value: number): string => inUnits(signal, value);
  return `The node was low on resource: ${resource}. Threshold quantity: ${amount(threshold)}, available: ${amount(available)}. `;
}

function inUnits(signal: Signal, value: number): string {
  const isBytes = signal === 'memory.available' || signal === 'nodefs.available';
  return isBytes ? `${Math.floor(value / 1024)}Ki` : String(Math.floor(value));
}
