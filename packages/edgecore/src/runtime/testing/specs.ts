import { uid } from '@skerry/shared/names';
import type { ContainerSpec, SandboxSpec } from '../container-spec.ts';
import type { ContainerId, PodIdentity } from '../observed.ts';

/** A pod of its own for every call, so that tests on one engine do not meet. */
export function somePod(name = 'web'): PodIdentity {
  return { uid: uid(crypto.randomUUID()), namespace: 'default', name };
}

export function sandboxSpec(pod: PodIdentity, attempt = 0): SandboxSpec {
  return {
    mark: { pod, attempt, streak: 0 },
    hostname: pod.name,
    hostNetwork: false,
    hostIpc: false,
    ports: [],
  };
}

type Wanted = Partial<Omit<ContainerSpec, 'mark'>> & {
  readonly name?: string;
  readonly attempt?: number;
};

export function containerSpec(
  pod: PodIdentity,
  sandboxId: ContainerId,
  { name = 'main', attempt = 0, ...wanted }: Wanted,
): ContainerSpec {
  return {
    mark: { pod, name, attempt, streak: 2, hash: 'hash-of-main', graceSeconds: 30 },
    sandboxId,
    image: 'image',
    imageId: 'image',
    command: [],
    args: [],
    env: [],
    mounts: [],
    devices: [],
    resources: { oomScoreAdj: 1000 },
    security: {
      supplementalGroups: [],
      privileged: false,
      readOnlyRootFilesystem: false,
      allowPrivilegeEscalation: true,
      capabilitiesAdded: [],
      capabilitiesDropped: [],
    },
    hostPid: false,
    sharePid: false,
    stdin: false,
    tty: false,
    ...wanted,
  };
}
