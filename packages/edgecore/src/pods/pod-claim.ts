import type { Uid } from '@skerry/shared/names';
import { BILLION, most, plus, readAmounts, type Amounts } from '../node/amounts.ts';
import type { Container, PodObject, PodSpec } from './pod.ts';
import { identityOf } from './pod-shape.ts';

/** A port of the host that a pod takes. */
export interface HostPort {
  readonly protocol: string;
  readonly port: number;
  /** Empty or `0.0.0.0`: every address. */
  readonly ip: string;
}

/** What a pod takes of its node from its admission to its end. */
export interface PodClaim {
  readonly uid: Uid;
  readonly requests: Amounts;
  readonly hostPorts: readonly HostPort[];
}

const NOTHING: Amounts = new Map();

export function claimOf(pod: PodObject): PodClaim {
  return {
    uid: identityOf(pod).uid,
    requests: plus(podRequests(pod.spec), new Map([['pods', BILLION]])),
    hostPorts: hostPortsOf(pod.spec),
  };
}

/**
 * The most that a pod may use at any moment of its life: all its containers and sidecars together, or an
 * init container with the sidecars started before it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podRequests({ initContainers = [], containers, overhead = {} }: PodSpec): Amounts {
  let sidecars = NOTHING;
  let starting = NOTHING;
  for (const container of initContainers) {
    const together = plus(sidecars, containerRequests(container));
    if (container.restartPolicy === 'Always') sidecars = together;
    starting = most(starting, together);
  }
  const running = containers.map(containerRequests).reduce(plus, sidecars);
  return plus(most(running, starting), readAmounts(overhead));
}

/** A request that is not given is the limit. */
export function containerRequests({ resources = {} }: Container): Amounts {
  return readAmounts({ ...resources.limits, ...resources.requests });
}

/** Containers in the host's network take the ports they name, also without a `hostPort`. */
function hostPortsOf({
  containers,
  initContainers = [],
  hostNetwork = false,
}: PodSpec): HostPort[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...containers]
    .flatMap(({ ports = [] }) => ports)
    .map(({ hostPort, containerPort, hostIP = '', protocol = 'TCP' }) => ({
      port: hostPort ?? (hostNetwork ? containerPort : 0),
      ip: hostIP,
      protocol,
    }))
    .filter(({ port }) => port > 0);
}
