import type {
  ContainerResources,
  ContainerSecurity,
  ContainerSpec,
  PortMapping,
  SandboxSpec,
} from '../container-spec.ts';
import type { CreateOptions, HostConfig } from './engine-types.ts';
import { containerLabels, sandboxLabels } from './labels.ts';

/** Bound of one container's log: so many files of so many bytes. */
export const CONTAINER_LOG = { files: 2, bytesPerFile: '10m' } as const;

/** Microseconds of the CPU bandwidth period, as the kubelet sets it. */
const CPU_PERIOD_US = 100_000;
const MIN_CPU_QUOTA_US = 1000;
const MIN_CPU_SHARES = 2;

export function sandboxOptions(owner: string, image: string, spec: SandboxSpec): CreateOptions {
  return {
    Image: image,
    Labels: sandboxLabels(owner, spec.mark),
    ...(!spec.hostNetwork && {
      Hostname: spec.hostname,
      ExposedPorts: Object.fromEntries(spec.ports.map((port) => [portKey(port), {}])),
    }),
    HostConfig: {
      NetworkMode: spec.hostNetwork ? 'host' : 'bridge',
      IpcMode: spec.hostIpc ? 'host' : 'shareable',
      ...(!spec.hostNetwork && { PortBindings: portBindings(spec.ports) }),
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'none', Config: {} },
    },
  };
}

export function containerOptions(owner: string, spec: ContainerSpec): CreateOptions {
  return {
    Image: spec.imageId,
    Labels: containerLabels(owner, spec),
    ...(spec.command.length > 0 && { Entrypoint: spec.command }),
    ...commandLine(spec),
    ...(spec.workingDir !== undefined && { WorkingDir: spec.workingDir }),
    Env: spec.env.map(({ name, value }) => `${name}=${value}`),
    ...user(spec.security),
    OpenStdin: spec.stdin,
    Tty: spec.tty,
    HostConfig: containerHostConfig(spec),
  };
}

/** A `command` without `args` also does away with the image's own arguments. */
function commandLine({ command, args }: ContainerSpec): Pick<CreateOptions, 'Cmd'> {
  return command.length > 0 || args.length > 0 ? { Cmd: args } : {};
}

function containerHostConfig(spec: ContainerSpec): HostConfig {
  const sandbox = `container:${spec.sandboxId}`;
  return {
    NetworkMode: sandbox,
    IpcMode: sandbox,
    ...pidMode(spec, sandbox),
    Mounts: spec.mounts.map((mount) => ({
      Type: 'bind',
      Source: mount.hostPath,
      Target: mount.containerPath,
      ReadOnly: mount.readOnly,
      ...(mount.propagation && { BindOptions: { Propagation: mount.propagation } }),
    })),
    Devices: spec.devices.map((path) => ({
      PathOnHost: path,
      PathInContainer: path,
      CgroupPermissions: 'rwm',
    })),
    ...resources(spec.resources),
    OomScoreAdj: spec.resources.oomScoreAdj,
    ...security(spec.security),
    LogConfig: {
      Type: 'json-file',
      Config: {
        'max-size': CONTAINER_LOG.bytesPerFile,
        'max-file': String(CONTAINER_LOG.files),
      },
    },
  };
}

function pidMode(spec: ContainerSpec, sandbox: string): Pick<HostConfig, 'PidMode'> {
  if (spec.hostPid) return { PidMode: 'host' };
  return spec.sharePid ? { PidMode: sandbox } : {};
}

function user({ runAsUser, runAsGroup }: ContainerSecurity): Pick<CreateOptions, 'User'> {
  if (runAsGroup !== undefined) return { User: `${runAsUser ?? 0}:${runAsGroup}` };
  return runAsUser === undefined ? {} : { User: String(runAsUser) };
}

function security(wanted: ContainerSecurity): Partial<HostConfig> {
  return {
    Privileged: wanted.privileged,
    ReadonlyRootfs: wanted.readOnlyRootFilesystem,
    CapAdd: wanted.capabilitiesAdded,
    CapDrop: wanted.capabilitiesDropped,
    GroupAdd: wanted.supplementalGroups.map(String),
    SecurityOpt: wanted.allowPrivilegeEscalation ? [] : ['no-new-privileges'],
  };
}

/** Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ */
function resources(wanted: ContainerResources): Partial<HostConfig> {
  const { cpuRequestMillis = 0, cpuLimitMillis, memoryLimitBytes } = wanted;
  return {
    CpuShares: Math.max(MIN_CPU_SHARES, Math.floor((cpuRequestMillis * 1024) / 1000)),
    ...(cpuLimitMillis !== undefined && {
      CpuPeriod: CPU_PERIOD_US,
      CpuQuota: Math.max(MIN_CPU_QUOTA_US, Math.floor((cpuLimitMillis * CPU_PERIOD_US) / 1000)),
    }),
    // Memory and swap together: a limit is a limit, not an invitation to swap.
    ...(memoryLimitBytes !== undefined && {
      Memory: memoryLimitBytes,
      MemorySwap: memoryLimitBytes,
    }),
  };
}

function portKey({ containerPort, protocol }: PortMapping): string {
  return `${containerPort}/${protocol}`;
}

type PortBindings = Record<string, { HostIp: string; HostPort: string }[]>;

function portBindings(ports: readonly PortMapping[]): PortBindings {
  const bindings: PortBindings = {};
  for (const port of ports)
    (bindings[portKey(port)] ??= []).push({ HostIp: port.hostIp, HostPort: String(port.hostPort) });
  return bindings;
}
