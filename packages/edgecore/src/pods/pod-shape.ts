import { uid } from '@skerry/shared/names';
import type { PullPolicy } from '../runtime/container-runtime.ts';
import type { PortMapping, SandboxSpec } from '../runtime/container-spec.ts';
import type { PodIdentity } from '../runtime/observed.ts';
import { containerHash } from './container-hash.ts';
import type { Container, PodObject, RestartPolicy } from './pod.ts';

/** Grace of a pod that does not say its own, in seconds. */
export const DEFAULT_GRACE_SECONDS = 30;
/** Longest host name of Linux, less its end. */
const HOSTNAME_CHARACTERS = 63;

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
}

/** What planning and reporting need to know of a wanted pod. */
export interface PodShape {
  readonly pod: PodIdentity;
  readonly restartPolicy: RestartPolicy;
  readonly graceSeconds: number;
  /** Init containers and sidecars in the order of their starting, then the app containers. */
  readonly containers: readonly ContainerShape[];
  readonly sandbox: Omit<SandboxSpec, 'mark'>;
}

export function podShape(object: PodObject): PodShape {
  const { metadata, spec } = object;
  const restartPolicy = spec.restartPolicy ?? 'Always';
  return {
    pod: identityOf(object),
    restartPolicy,
    graceSeconds:
      metadata.deletionGracePeriodSeconds ??
      spec.terminationGracePeriodSeconds ??
      DEFAULT_GRACE_SECONDS,
    containers: [
      ...(spec.initContainers ?? []).map((container) => initShape(container, restartPolicy)),
      ...spec.containers.map((container) => shapeOf(container, 'app', restartPolicy)),
    ],
    sandbox: {
      hostname: (spec.hostname ?? metadata.name)
        .slice(0, HOSTNAME_CHARACTERS)
        .replace(/[-.]+$/, ''),
      hostNetwork: spec.hostNetwork ?? false,
      hostIpc: spec.hostIPC ?? false,
      ports: spec.hostNetwork === true ? [] : portsOf(spec.containers),
    },
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
): ContainerShape {
  const image = container.image ?? '';
  return {
    name: container.name,
    role,
    restartPolicy,
    image,
    pullPolicy: container.imagePullPolicy ?? defaultPullPolicy(image),
    hash: containerHash(container),
  };
}

/**
 * @see https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
 */
function defaultPullPolicy(image: string): PullPolicy {
  if (image.includes('@')) return 'IfNotPresent';
  const [, tag = 'latest'] = image.slice(image.lastIndexOf('/') + 1).split(':');
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function portsOf(containers: readonly Container[]): PortMapping[] {
  return containers
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort = 0 }) => hostPort > 0)
    .map(({ containerPort, hostPort = 0, hostIP = '', protocol = 'TCP' }) => ({
      containerPort,
      hostPort,
      hostIp: hostIP,
      protocol: protocol.toLowerCase() as PortMapping['protocol'],
    }));
}
