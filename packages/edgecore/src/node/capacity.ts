import { BILLION, minus, plus, readAmounts, type Amounts } from '@skerry/shared/kube/amounts';
import { parseQuantity } from '@skerry/shared/kube/quantity';
import type { NodeConfig, ReservedConfig } from './node-config.ts';
import type { NodeFacts } from './node-facts.ts';
import type { Piece } from './pieces.ts';

/** Below these the node is under pressure. Bytes, inodes and processes. */
export interface Thresholds {
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly inodes: number;
  readonly threads: number;
}

/** Everything that the machine has. */
export function capacityOf(
  { cpus, memoryBytes, diskBytes }: NodeFacts,
  { maxPods }: Pick<NodeConfig, 'maxPods'>,
  pieces: readonly Piece[],
): Amounts {
  const amount = (whole: number): bigint => BigInt(Math.floor(whole)) * BILLION;
  const own: [string, bigint][] = [
    ['cpu', amount(cpus)],
    ['memory', amount(memoryBytes)],
    ['ephemeral-storage', amount(diskBytes)],
    ['pods', amount(maxPods)],
  ];
  const offered = pieces.map(({ resource, count }) => new Map([[resource, amount(count)]]));
  return offered.reduce<Amounts>(plus, new Map(own));
}

/**
 * What of it pods may ask for: less what is reserved, and less what has to stay free.
 *
 * @see https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/
 */
export function allocatableOf(capacity: Amounts, config: NodeConfig, facts: NodeFacts): Amounts {
  const { memoryBytes, diskBytes } = thresholdsOf(config, facts);
  const free = new Map([
    ['memory', BigInt(memoryBytes) * BILLION],
    ['ephemeral-storage', BigInt(diskBytes) * BILLION],
  ]);
  const reserved = plus(reservedOf(config.kubeReserved), reservedOf(config.systemReserved));
  return minus(capacity, plus(reserved, free));
}

function reservedOf({ cpu, memory, ephemeralStorage }: ReservedConfig): Amounts {
  return readAmounts({ cpu, memory, 'ephemeral-storage': ephemeralStorage });
}

export function thresholdsOf(
  { eviction }: Pick<NodeConfig, 'eviction'>,
  facts: Pick<NodeFacts, 'memoryBytes' | 'diskBytes' | 'inodes' | 'maxThreads'>,
): Thresholds {
  return {
    memoryBytes: amountOf(eviction.memoryAvailable, facts.memoryBytes),
    diskBytes: amountOf(eviction.nodefsAvailable, facts.diskBytes),
    inodes: amountOf(eviction.nodefsInodesFree, facts.inodes),
    threads: amountOf(eviction.pidAvailable, facts.maxThreads),
  };
}

/** `100Mi`, or `10%` of the total; of what has no end, a share is nothing. */
function amountOf(threshold: string, total: number): number {
  if (!threshold.endsWith('%')) return Number((parseQuantity(threshold)?.nanos ?? 0n) / BILLION);
  return Number.isFinite(total) ? Math.floor((total * Number(threshold.slice(0, -1))) / 100) : 0;
}
