import { most, plus, readAmounts, type Amounts } from './amounts.ts';

type Quantities = Readonly<Record<string, string | number>>;

/** What a container's spec says of the node that it runs on. */
export interface ContainerNeeds {
  /** A sidecar has `Always`. */
  readonly restartPolicy?: string;
  readonly resources?: { readonly limits?: Quantities; readonly requests?: Quantities };
  readonly ports?: readonly {
    readonly containerPort?: number;
    readonly hostPort?: number;
    readonly hostIP?: string;
    readonly protocol?: string;
  }[];
}

export interface PodNeeds {
  readonly containers: readonly ContainerNeeds[];
  readonly initContainers?: readonly ContainerNeeds[];
  readonly overhead?: Quantities;
  readonly hostNetwork?: boolean;
}

/** A port of the node itself that a pod takes. */
export interface HostPort {
  readonly protocol: string;
  readonly port: number;
  /** `0.0.0.0`: every address. */
  readonly address: string;
}

const everyAddress = '0.0.0.0';
const nothing: Amounts = new Map();

/**
 * The most that a pod may use at any moment of its life: all its containers and sidecars together, or an
 * init container with the sidecars started before it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podRequests({ initContainers = [], containers, overhead }: PodNeeds): Amounts {
  let sidecars = nothing;
  let starting = nothing;
  for (const container of initContainers) {
    const together = plus(sidecars, containerRequests(container));
    if (container.restartPolicy === 'Always') sidecars = together;
    starting = most(starting, together);
  }
  const running = containers.map(containerRequests).reduce(plus, sidecars);
  return plus(most(running, starting), readAmounts(overhead));
}

/** A request that is not given is the limit. */
export function containerRequests({ resources = {} }: ContainerNeeds): Amounts {
  return readAmounts({ ...resources.limits, ...resources.requests });
}

/** Containers in the host's network take the ports they name, also without a `hostPort`. */
export function hostPortsOf({
  containers,
  initContainers = [],
  hostNetwork = false,
}: PodNeeds): HostPort[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...containers]
    .flatMap(({ ports = [] }) => ports)
    .map(({ hostPort, containerPort = 0, hostIP = '', protocol = 'TCP' }) => ({
      port: hostPort ?? (hostNetwork ? containerPort : 0),
      address: hostIP === '' ? everyAddress : hostIP,
      protocol,
    }))
    .filter(({ port }) => port > 0);
}

/** Whether two pods cannot have their ports on one node. */
export function portsClash(one: HostPort, other: HostPort): boolean {
  return (
    one.port === other.port &&
    one.protocol === other.protocol &&
    (one.address === other.address || [one.address, other.address].includes(everyAddress))
  );
}
