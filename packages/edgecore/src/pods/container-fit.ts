import type {
  ContainerSecurity,
  ContainerSpec,
  SecurityProfile,
} from '../runtime/container-spec.ts';
import { commandLine, environment, type Sources } from './env.ts';
import type { Container } from './pod.ts';
import type { PodSecurityContext, ProfileReference, SecurityContext } from './security-fields.ts';
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
    ...terminalOf(container),
    stopSignal: container.lifecycle?.stopSignal,
  };
}

function terminalOf({
  stdin = false,
  stdinOnce = false,
  tty = false,
}: Container): Pick<ContainerSpec, 'stdin' | 'stdinOnce' | 'tty'> {
  return { stdin, stdinOnce, tty };
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
    seccomp: profileOf(own.seccompProfile ?? pod.seccompProfile),
    appArmor: profileOf(own.appArmorProfile ?? pod.appArmorProfile),
    seLinux: { ...pod.seLinuxOptions, ...own.seLinuxOptions },
    unmaskedProc: own.procMount === 'Unmasked',
  };
}

function profileOf(wanted: ProfileReference | undefined): SecurityProfile | undefined {
  switch (wanted?.type) {
    case undefined:
      return undefined;
    case 'RuntimeDefault':
      return { type: 'runtime-default' };
    case 'Unconfined':
      return { type: 'unconfined' };
    case 'Localhost':
      return { type: 'localhost', profile: wanted.localhostProfile ?? '' };
  }
}

function groupsOf({ fsGroup, supplementalGroups = [] }: PodSecurityContext): readonly number[] {
  return fsGroup === undefined ? supplementalGroups : [...supplementalGroups, fsGroup];
}
