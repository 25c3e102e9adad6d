import type { JsonObject } from '../../json.ts';
import type { Pod, Service, ServicePort } from '../client/objects.ts';
import { compareText, hasEnded, isEnding, isReady } from '../workload/pod-state.ts';

/** A port of a service, as one pod serves it. */
export interface BackendPort extends JsonObject {
  port: number;
  protocol: string;
}

/** A pod behind a service. */
export interface Backend {
  readonly pod: Pod;
  readonly address: string;
  readonly ports: readonly BackendPort[];
  /** To be sent new traffic. */
  readonly isReady: boolean;
  /** Answers still, though it may be ending. */
  readonly isServing: boolean;
  readonly isEnding: boolean;
}

/** Pure: the pods that a service leads to, by address. */
export function backendsOf(service: Service, pods: readonly Pod[]): readonly Backend[] {
  const { ports = [], publishNotReadyAddresses = false } = service.spec;
  return pods
    .filter((pod) => !hasEnded(pod) && (pod.status?.podIP ?? '') !== '')
    .map((pod) => ({
      pod,
      address: pod.status?.podIP ?? '',
      ports: ports.flatMap((port) => backendPort(port, pod) ?? []),
      isReady: publishNotReadyAddresses || (isReady(pod) && !isEnding(pod)),
      isServing: isReady(pod),
      isEnding: isEnding(pod),
    }))
    .toSorted((one, other) => compareText(one.address, other.address));
}

/** A port by number is the same for all pods; one by name is what the pod calls so. */
function backendPort(port: ServicePort, { spec }: Pod): BackendPort | undefined {
  const { name = '', protocol = 'TCP', appProtocol, targetPort = port.port } = port;
  const named = spec.containers
    .flatMap((container) => container.ports ?? [])
    .find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol);
  const number = typeof targetPort === 'number' ? targetPort : named?.containerPort;
  if (number === undefined) return undefined;
  return {
    ...(name === '' ? {} : { name }),
    port: number === 0 ? port.port : number,
    protocol,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  };
}

/** Backends with the same ports belong together. */
export function byPorts(backends: readonly Backend[]): readonly (readonly Backend[])[] {
  return [...Map.groupBy(backends, ({ ports }) => JSON.stringify(ports)).values()];
}

export function podReference({ metadata }: Pod): JsonObject {
  const { name, namespace, uid } = metadata;
  return { kind: 'Pod', name, namespace, uid };
}

/** Whether clients find the pods themselves. */
export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}
