/**
 * The parts of the Docker Engine API (v1.41) that the adapter reads and writes, named as there.
 *
 * Source: https://docs.docker.com/engine/api/v1.41/
 */
export type Labels = Readonly<Record<string, string>>;

/** One entry of `GET /containers/json`. */
export interface ContainerSummary {
  readonly Id: string;
}

/** `GET /containers/{id}/json`. */
export interface ContainerReport {
  readonly Id: string;
  readonly Created: string;
  readonly Image: string;
  /** Empty where the log is no file. */
  readonly LogPath: string;
  /** Of the engine's own storage; others keep layers in ways that they do not tell. */
  readonly GraphDriver?: { readonly Data?: Labels | null | undefined } | undefined;
  /** Bytes written over the image; only with `?size=1`. */
  readonly SizeRw?: number | undefined;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Pid: number;
    readonly OOMKilled: boolean;
    readonly ExitCode: number;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    /** Where the image has a HEALTHCHECK: `starting`, `healthy`, `unhealthy`. */
    readonly Health?: { readonly Status: string } | null | undefined;
  };
  readonly Config: { readonly Labels: Labels; readonly Image: string; readonly Tty: boolean };
  readonly NetworkSettings: {
    readonly Networks?: Readonly<Record<string, NetworkReport>> | null;
  };
}

/** A container's end on a network; empty where it shares the machine's. */
export interface NetworkReport {
  readonly IPAddress: string;
  /** The bridge's own address, which is the machine's. */
  readonly Gateway?: string;
}

/** `GET /images/{name}/json`. */
export interface ImageReport {
  readonly Id: string;
  readonly Config?: { readonly User?: string } | null | undefined;
}

/** `GET /exec/{id}/json`. */
export interface ExecReport {
  readonly Running: boolean;
  readonly ExitCode: number | null;
  /** By the process numbers of the machine the engine runs on. */
  readonly Pid: number;
}

/** One entry of `GET /images/json`. */
export interface ImageSummary {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null | undefined;
  readonly RepoDigests?: readonly string[] | null | undefined;
  readonly Size: number;
}

/** `GET /version`. */
export interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
}

/** One object of the stream of `GET /events`. */
export interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly Attributes: Labels };
}

export interface BindMount {
  readonly Type: 'bind';
  readonly Source: string;
  readonly Target: string;
  readonly ReadOnly: boolean;
  readonly BindOptions?: { readonly Propagation: 'rslave' | 'rshared' };
}

export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

/** Body of `POST /containers/create`. */
export interface CreateOptions {
  readonly Image: string;
  readonly Labels: Labels;
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly Tty?: boolean;
  readonly StopSignal?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly HostConfig: HostConfig;
}

export interface HostConfig {
  readonly NetworkMode: string;
  readonly IpcMode: string;
  readonly PidMode?: string;
  readonly PortBindings?: Readonly<
    Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>
  >;
  readonly Mounts?: readonly BindMount[];
  readonly Devices?: readonly DeviceMapping[];
  readonly CpuShares?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly Memory?: number;
  readonly MemorySwap?: number;
  readonly OomScoreAdj?: number;
  readonly Privileged?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly CapAdd?: readonly string[];
  readonly CapDrop?: readonly string[];
  readonly GroupAdd?: readonly string[];
  readonly SecurityOpt?: readonly string[];
  /** Paths that are hidden, or may only be read; absent: those of the engine. */
  readonly MaskedPaths?: readonly string[];
  readonly ReadonlyPaths?: readonly string[];
  readonly Sysctls?: Labels;
  readonly ExtraHosts?: readonly string[];
  readonly Dns?: readonly string[];
  readonly DnsSearch?: readonly string[];
  readonly DnsOptions?: readonly string[];
  readonly LogConfig: { readonly Type: string; readonly Config: Labels };
}
