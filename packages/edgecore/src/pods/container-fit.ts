import type { ContainerSecurity, ContainerSpec } from '../runtime/container-spec.ts';
import { commandLine, environment, type Sources } from './env.ts';
import type { Container, PodSecurityContext, SecurityContext } from './pod.ts';
import { containerResources, qosClass } from './resources.ts';

/** A container's specification, less what only the moment of its creation gives. */
export type FittedContainer = Omit<
  ContainerSpec,
  'mark' | 'sandboxId' | 'imageId' | 'mounts' | 'devices'
>;

/**
 * Fits a container of a pod to this node. Throws PodUnfit when its environment cannot be had.
 */
export function fitContainer(
  container: Container,
  sources: Sources,
  machineMemoryBytes: number,
): FittedContainer {
  const { spec } = sources.pod;
  const env = environment(container, sources);
  return {
    image: container.image ?? '',
    ...commandLine(container, env),
    ...(container.workingDir !== undefined && { workingDir: container.workingDir }),
    env,
    resources: containerResources(container, qosClass(spec), machineMemoryBytes),
    security: securityOf(container.securityContext ?? {}, spec.securityContext ?? {}),
    hostPid: spec.hostPID ?? false,
    sharePid: spec.shareProcessNamespace ?? false,
    stdin: container.stdin ?? false,
    tty: container.tty ?? false,
  };
}

/** What the container says goes before what its pod says. */
function securityOf(own: SecurityContext, pod: PodSecurityContext): ContainerSecurity {
  return {
    runAsUser: own.runAsUser ?? pod.runAsUser,
    runAsGroup: own.runAsGroup ?? pod.runAsGroup,
    supplementalGroups: groupsOf(pod),
    privileged: own.privileged === true,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem === true,
    allowPrivilegeEscalation: own.allowPrivilegeEscalation !== false,
    capabilitiesAdded: own.capabilities?.add ?? [],
    capabilitiesDropped: own.capabilities?.drop ?? [],
  };
}

function groupsOf({ fsGroup, supplementalGroups = [] }: PodSecurityContext): readonly number[] {
  return fsGroup === undefined ? supplementalGroups : [...supplementalGroups, fsGroup];
}
