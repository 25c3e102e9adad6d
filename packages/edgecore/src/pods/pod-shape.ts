import { restartAnnotation } from '@skerry/shared/edge-write';
import { uid } from '@skerry/shared/names';
import type { PullPolicy } from '../runtime/container-runtime.ts';
import type { PortMapping, SandboxSpec } from '../runtime/container-spec.ts';
import type { PodIdentity } from '../runtime/observed.ts';
import type { ProbeKind } from '../probes/weigh.ts';
import { containerHash } from './container-hash.ts';
import type { LifecycleHandler, Probe } from './handlers.ts';
import type { Container, PodObject, RestartPolicy } from './pod.ts';
import { noClusterDns } from './pod-dns.ts';
import { podNames } from './pod-names.ts';

/** Grace of a pod that does not say its own, in seconds. */
export const DEFAULT_GRACE_SECONDS = 30;

/** `init` runs once before the others, a `sidecar` starts in their row and stays, `app` is the work. */
export type ContainerRole = 'init' | 'sidecar' | 'app';

/** What planning and reporting need to know of a wanted container. */
export interface ContainerShape {
  readonly name: string;
  readonly role: ContainerRole;
  readonly restartPolicy: RestartPolicy;
  readonly image: string;
  readonly pullPolicy: PullPolicy;
  readonly hash: string;
  /** Which probes it has; what they ask is for `probe-targets.ts`. */
  readonly probes: Readonly<Partial<Record<ProbeKind, ProbeShape>>>;
  /** Which lifecycle hooks it has. */
  readonly hooks: { readonly postStart: boolean; readonly preStop: boolean };
}

export interface ProbeShape {
  /** Grace of a container that this probe ends, in seconds; absent: the pod's. */
  readonly graceSeconds?: number | undefined;
}

/** What planning and reporting need to know of a wanted pod. */
export interface PodShape {
  readonly pod: PodIdentity;
  readonly restartPolicy: RestartPolicy;
  readonly graceSeconds: number;
  /** Conditions that others have to set before the pod is ready. */
  readonly readinessGates: readonly string[];
  /** Init containers and sidecars in the order of their starting, then the app containers. */
  readonly containers: readonly ContainerShape[];
  readonly sandbox: SandboxShape;
}

/** What is known of the sandbox before the machine is asked how it resolves names. */
export type SandboxShape = Omit<SandboxSpec, 'mark' | 'dns'>;

export function podShape(object: PodObject, clusterDomain: string = noClusterDns.domain): PodShape {
  const { metadata, spec } = object;
  const restartPolicy = spec.restartPolicy ?? 'Always';
  return {
    pod: identityOf(object),
    restartPolicy,
    graceSeconds:
      metadata.deletionGracePeriodSeconds ??
      spec.terminationGracePeriodSeconds ??
      DEFAULT_GRACE_SECONDS,
    readinessGates: (spec.readinessGates ?? []).map(({ conditionType }) => conditionType),
    containers: [
      ...(spec.initContainers ?? []).map((container) => initShape(container, restartPolicy)),
      ...spec.containers.map((container) =>
        shapeOf(container, 'app', restartPolicy, object.metadata.annotations?.[restartAnnotation]),
      ),
    ],
    sandbox: sandboxShape(object, clusterDomain),
  };
}

function sandboxShape(object: PodObject, clusterDomain: string): SandboxShape {
  const { spec } = object;
  const { hostAliases = [], securityContext = {} } = spec;
  const sysctls = (securityContext.sysctls ?? []).map(({ name, value }) => [name, value]);
  return {
    ...podNames(object, clusterDomain),
    hostNetwork: spec.hostNetwork ?? false,
    hostIpc: spec.hostIPC ?? false,
    ports: spec.hostNetwork === true ? [] : portsOf(spec),
    hosts: hostAliases.map(({ ip, hostnames = [] }) => ({ ip, hostnames })),
    sysctls: Object.fromEntries(sysctls) as Record<string, string>,
  };
}

export function identityOf({ metadata }: PodObject): PodIdentity {
  return { uid: uid(metadata.uid), namespace: metadata.namespace, name: metadata.name };
}

/** An init container is done when it has ended well, so it is retried unless the pod never retries. */
function initShape(container: Container, restartPolicy: RestartPolicy): ContainerShape {
  if (container.restartPolicy === 'Always') return shapeOf(container, 'sidecar', 'Always');
  return shapeOf(container, 'init', restartPolicy === 'Never' ? 'Never' : 'OnFailure');
}

function shapeOf(
  container: Container,
  role: ContainerRole,
  restartPolicy: RestartPolicy,
  restartedAt?: string,
): ContainerShape {
  const image = container.image ?? '';
  return {
    name: container.name,
    role,
    restartPolicy,
    image,
    pullPolicy: container.imagePullPolicy ?? defaultPullPolicy(image),
    hash: containerHash(container, restartedAt),
    probes: {
      ...(container.startupProbe && { startup: probeShape(container.startupProbe) }),
      ...(container.livenessProbe && { liveness: probeShape(container.livenessProbe) }),
      ...(container.readinessProbe && { readiness: probeShape(container.readinessProbe) }),
    },
    hooks: {
      postStart: isAsked(container.lifecycle?.postStart),
      preStop: isAsked(container.lifecycle?.preStop),
    },
  };
}

function probeShape({ terminationGracePeriodSeconds }: Probe): ProbeShape {
  return { graceSeconds: terminationGracePeriodSeconds };
}

function isAsked(handler: LifecycleHandler | undefined): boolean {
  return handler !== undefined && Object.keys(handler).length > 0;
}

/**
 * @see https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
 */
function defaultPullPolicy(image: string): PullPolicy {
  if (image.includes('@')) return 'IfNotPresent';
  const [, tag = 'latest'] = image.slice(image.lastIndexOf('/') + 1).split(':');
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** An init container that runs on may be spoken to like any other. */
function portsOf({ initContainers = [], containers }: PodObject['spec']): PortMapping[] {
  return [
    ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always'),
    ...containers,
  ]
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort = 0 }) => hostPort > 0)
    .map(({ containerPort, hostPort = 0, hostIP = '', protocol = 'TCP' }) => ({
      containerPort,
      hostPort,
      hostIp: hostIP,
      protocol: protocol.toLowerCase() as PortMapping['protocol'],
    }));
}
