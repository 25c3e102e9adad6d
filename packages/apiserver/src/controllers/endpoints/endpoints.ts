import type { JsonObject } from '../../json.ts';
import type { Service } from '../client/objects.ts';
import { byPorts, isHeadless, podReference, type Backend } from './backends.ts';

/** Addresses that one Endpoints object holds at most. */
const maxAddresses = 1000;

/**
 * Pure: what the Endpoints of a service say.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#endpoints
 */
export function endpointsOf(service: Service, backends: readonly Backend[]): JsonObject {
  const { name, labels = {} } = service.metadata;
  const present = backends
    .filter(({ isEnding, isReady }) => isReady || !isEnding)
    .slice(0, maxAddresses);
  const subsets = byPorts(present).map(subsetOf);
  return {
    metadata: {
      name,
      labels: {
        ...labels,
        'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
        ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
      },
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
}

function subsetOf(backends: readonly Backend[]): JsonObject {
  const ready = backends.filter(({ isReady }) => isReady).map(addressOf);
  const notReady = backends.filter(({ isReady }) => !isReady).map(addressOf);
  const ports = [...(backends[0]?.ports ?? [])];
  return {
    ...(ready.length === 0 ? {} : { addresses: ready }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}

function addressOf({ pod, address }: Backend): JsonObject {
  const { nodeName = '', hostname = '' } = pod.spec;
  return {
    ip: address,
    ...(hostname === '' ? {} : { hostname }),
    ...(nodeName === '' ? {} : { nodeName }),
    targetRef: podReference(pod),
  };
}
