import type { JsonObject } from '../../json.ts';
import { controllerReference, services } from '../client/kinds.ts';
import type { Service } from '../client/objects.ts';
import { byPorts, isHeadless, podReference, type Backend } from './backends.ts';

/** Endpoints in one slice at most, as Kubernetes fills them. */
const maxEndpoints = 100;

export const managedBy = 'endpointslice-controller.k8s.io';
export const serviceLabel = 'kubernetes.io/service-name';
export const managerLabel = 'endpointslice.kubernetes.io/managed-by';

/**
 * Pure: the slices that together name every backend of a service; one without endpoints when there are
 * none.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
 */
export function slicesOf(service: Service, backends: readonly Backend[]): JsonObject[] {
  const groups = byPorts(backends).flatMap(inChunks);
  return (groups.length === 0 ? [[]] : groups).map((group) => sliceOf(service, group));
}

function inChunks(backends: readonly Backend[]): (readonly Backend[])[] {
  const count = Math.ceil(backends.length / maxEndpoints);
  return Array.from({ length: count }, (_, at) =>
    backends.slice(at * maxEndpoints, (at + 1) * maxEndpoints),
  );
}

function sliceOf(service: Service, backends: readonly Backend[]): JsonObject {
  const { name, labels = {} } = service.metadata;
  const isIPv6 = backends[0]?.address.includes(':') ?? false;
  return {
    metadata: {
      generateName: `${name}-`,
      labels: {
        ...labels,
        [managerLabel]: managedBy,
        [serviceLabel]: name,
        ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
      },
      ownerReferences: [controllerReference(services, service)],
    },
    addressType: isIPv6 ? 'IPv6' : 'IPv4',
    endpoints: backends.map(endpointOf),
    ports: (backends[0]?.ports ?? []).map((port) => ({ name: '', ...port })),
  };
}

function endpointOf({ pod, address, isReady, isServing, isEnding }: Backend): JsonObject {
  const { nodeName = '', hostname = '' } = pod.spec;
  return {
    addresses: [address],
    conditions: { ready: isReady, serving: isServing, terminating: isEnding },
    ...(hostname === '' ? {} : { hostname }),
    ...(nodeName === '' ? {} : { nodeName }),
    targetRef: podReference(pod),
  };
}
