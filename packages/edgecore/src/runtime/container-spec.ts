import type { ContainerId, ContainerMark, SandboxMark } from './observed.ts';

/** A port of the pod published on the host. */
export interface PortMapping {
  readonly containerPort: number;
  readonly hostPort: number;
  /** Empty: every address of the host. */
  readonly hostIp: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

/** What the containers of a pod share. */
export interface SandboxSpec {
  readonly mark: SandboxMark;
  readonly hostname: string;
  /** Share the host's namespace instead of having one of the pod's own. */
  readonly hostNetwork: boolean;
  readonly hostIpc: boolean;
  readonly ports: readonly PortMapping[];
}

/** A directory or file of the host that the container sees at `containerPath`. */
export interface Mount {
  /** Name of the pod's volume. */
  readonly volume: string;
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
  /** Whether what is mounted there later is seen here, and the other way; absent: neither. */
  readonly propagation?: 'rslave' | 'rshared' | undefined;
}

export interface EnvVar {
  readonly name: string;
  readonly value: string;
}

/** Limits and shares; absent means none. */
export interface ContainerResources {
  readonly cpuRequestMillis?: number | undefined;
  readonly cpuLimitMillis?: number | undefined;
  readonly memoryLimitBytes?: number | undefined;
  /** Linux `oom_score_adj`, 0 to 1000: an engine without CAP_SYS_RESOURCE can set no lower one. */
  readonly oomScoreAdj: number;
}

/** The part of a securityContext that a runtime enforces; absent means the image's or runtime's own. */
export interface ContainerSecurity {
  readonly runAsUser?: number | undefined;
  readonly runAsGroup?: number | undefined;
  readonly supplementalGroups: readonly number[];
  readonly privileged: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly allowPrivilegeEscalation: boolean;
  readonly capabilitiesAdded: readonly string[];
  readonly capabilitiesDropped: readonly string[];
}

export interface ContainerSpec {
  readonly mark: ContainerMark;
  readonly sandboxId: ContainerId;
  /** As the pod names it. */
  readonly image: string;
  /** What `ensureImage` answered. */
  readonly imageId: string;
  /** Empty: the image's own. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Absent: the image's own. */
  readonly workingDir?: string | undefined;
  readonly env: readonly EnvVar[];
  readonly mounts: readonly Mount[];
  /** Device files of the host that the container may use, under the same paths. */
  readonly devices: readonly string[];
  readonly resources: ContainerResources;
  readonly security: ContainerSecurity;
  readonly hostPid: boolean;
  /** Share the process namespace of the sandbox. */
  readonly sharePid: boolean;
  readonly stdin: boolean;
  readonly tty: boolean;
}
