import { parseQuantity } from '@skerry/shared/kube/quantity';
import type { ContainerResources } from '../runtime/container-spec.ts';
import type { Container, PodSpec, QosClass, ResourceRequirements } from './pod.ts';

const NANOS = 1_000_000_000n;
const NANOS_PER_MILLI = 1_000_000n;
const computed = ['cpu', 'memory'] as const;

type Amounts = Readonly<Record<string, string | number>> | undefined;

/** CPU shares and quota, memory limit and OOM score of one container. */
export function containerResources(
  { resources = {} }: Container,
  qos: QosClass,
  machineMemoryBytes: number,
): ContainerResources {
  const requests = requestsOf(resources);
  return {
    cpuRequestMillis: units(requests, 'cpu', NANOS_PER_MILLI),
    cpuLimitMillis: units(resources.limits, 'cpu', NANOS_PER_MILLI),
    memoryLimitBytes: units(resources.limits, 'memory', NANOS),
    oomScoreAdj: oomScore(qos, units(requests, 'memory', NANOS) ?? 0, machineMemoryBytes),
  };
}

/**
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function qosClass({ initContainers = [], containers }: PodSpec): QosClass {
  const all = [...initContainers, ...containers].map(({ resources = {} }) => resources);
  const asksNothing = ({ requests, limits }: ResourceRequirements): boolean =>
    computed.every((name) => !units(requests, name, 1n) && !units(limits, name, 1n));
  if (all.every(asksNothing)) return 'BestEffort';
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function isGuaranteed(resources: ResourceRequirements): boolean {
  const requests = requestsOf(resources);
  return computed.every((name) => {
    const limit = units(resources.limits, name, 1n);
    return limit !== undefined && limit > 0 && units(requests, name, 1n) === limit;
  });
}

/** A request that is not given is the limit. */
function requestsOf({ requests, limits }: ResourceRequirements): Amounts {
  return { ...limits, ...requests };
}

function units(amounts: Amounts, name: string, nanosPerUnit: bigint): number | undefined {
  const given = amounts?.[name];
  const quantity = given === undefined ? undefined : parseQuantity(String(given));
  return quantity && Number((quantity.nanos + nanosPerUnit - 1n) / nanosPerUnit);
}

/** A quantity of bytes, rounded up; 0 for one that is not given or is none. */
export function bytesOf(quantity: string | number | undefined): number {
  return units(quantity === undefined ? undefined : { quantity }, 'quantity', NANOS) ?? 0;
}

/**
 * Who is killed first when memory runs out: the less a container asked for, the sooner. The kubelet
 * goes below 0 for Guaranteed pods; an engine without CAP_SYS_RESOURCE cannot.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-out-of-memory-behavior
 */
function oomScore(qos: QosClass, requestBytes: number, machineMemoryBytes: number): number {
  if (qos === 'Guaranteed') return 0;
  if (qos === 'BestEffort') return 1000;
  const score = 1000 - Math.floor((1000 * requestBytes) / machineMemoryBytes);
  return Math.min(Math.max(score, 3), 999);
}
