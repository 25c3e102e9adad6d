import type {
  ContainerResources,
  ContainerSecurity,
  ContainerSpec,
  DnsSettings,
  Mount,
  PortMapping,
  SandboxSpec,
  SecurityProfile,
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
      ...(spec.domainname !== undefined && { Domainname: spec.domainname }),
      ExposedPorts: Object.fromEntries(spec.ports.map((port) => [portKey(port), {}])),
    }),
    HostConfig: {
      NetworkMode: spec.hostNetwork ? 'host' : 'bridge',
      IpcMode: spec.hostIpc ? 'host' : 'shareable',
      ...(!spec.hostNetwork && { PortBindings: portBindings(spec.ports) }),
      ...(Object.keys(spec.sysctls).length > 0 && { Sysctls: spec.sysctls }),
      ExtraHosts: spec.hosts.flatMap(({ ip, hostnames }) =>
        hostnames.map((name) => `${name}:${ip}`),
      ),
      ...nameResolution(spec.dns),
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'none', Config: {} },
    },
  };
}

/** The engine takes an empty list for “as the machine does”. */
function nameResolution(dns: DnsSettings | undefined): Partial<HostConfig> {
  if (!dns) return {};
  return { Dns: dns.nameservers, DnsSearch: orNone(dns.searches), DnsOptions: dns.options };
}

/** Source: docker run --dns-search: “Use . if you don’t wish to set the search domain”. */
function orNone(searches: readonly string[]): readonly string[] {
  return searches.length === 0 ? ['.'] : searches;
}

/** `seccomp`: the engine's option for the profile that `spec` asks for. */
export function containerOptions(
  owner: string,
  spec: ContainerSpec,
  seccomp: readonly string[] = [],
): CreateOptions {
  return {
    Image: spec.imageId,
    Labels: containerLabels(owner, spec),
    ...(spec.command.length > 0 && { Entrypoint: spec.command }),
    ...commandLine(spec),
    ...(spec.workingDir !== undefined && { WorkingDir: spec.workingDir }),
    Env: spec.env.map(({ name, value }) => `${name}=${value}`),
    ...user(spec.security),
    OpenStdin: spec.stdin,
    StdinOnce: spec.stdinOnce,
    Tty: spec.tty,
    ...(spec.stopSignal !== undefined && { StopSignal: spec.stopSignal }),
    HostConfig: containerHostConfig(spec, seccomp),
  };
}

/** A `command` without `args` also does away with the image's own arguments. */
function commandLine({ command, args }: ContainerSpec): Pick<CreateOptions, 'Cmd'> {
  return command.length > 0 || args.length > 0 ? { Cmd: args } : {};
}

function containerHostConfig(spec: ContainerSpec, seccomp: readonly string[]): HostConfig {
  const sandbox = `container:${spec.sandboxId}`;
  return {
    NetworkMode: sandbox,
    IpcMode: sandbox,
    ...pidMode(spec, sandbox),
    Mounts: [...spec.mounts, ...lastWordsMount(spec)].map((mount) => ({
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
    ...security(spec.security, seccomp),
    LogConfig: {
      Type: 'json-file',
      Config: {
        'max-size': CONTAINER_LOG.bytesPerFile,
        'max-file': String(CONTAINER_LOG.files),
      },
    },
  };
}

/** A volume that is mounted at that very place goes before it. */
function lastWordsMount({ lastWords, mounts }: ContainerSpec): Omit<Mount, 'volume'>[] {
  if (!lastWords || mounts.some(({ containerPath }) => containerPath === lastWords.containerPath))
    return [];
  return [{ ...lastWords, readOnly: false }];
}

function pidMode(spec: ContainerSpec, sandbox: string): Pick<HostConfig, 'PidMode'> {
  if (spec.hostPid) return { PidMode: 'host' };
  return spec.sharePid ? { PidMode: sandbox } : {};
}

function user({ runAsUser, runAsGroup }: ContainerSecurity): Pick<CreateOptions, 'User'> {
  if (runAsGroup !== undefined) return { User: `${runAsUser ?? 0}:${runAsGroup}` };
  return runAsUser === undefined ? {} : { User: String(runAsUser) };
}

function security(wanted: ContainerSecurity, seccomp: readonly string[]): Partial<HostConfig> {
  return {
    Privileged: wanted.privileged,
    ReadonlyRootfs: wanted.readOnlyRootFilesystem,
    CapAdd: wanted.capabilitiesAdded,
    CapDrop: wanted.capabilitiesDropped,
    GroupAdd: wanted.supplementalGroups.map(String),
    ...(wanted.unmaskedProc && { MaskedPaths: [], ReadonlyPaths: [] }),
    SecurityOpt: [
      ...(wanted.allowPrivilegeEscalation ? [] : ['no-new-privileges']),
      ...seccomp,
      ...appArmor(wanted.appArmor),
      ...Object.entries(wanted.seLinux).map(([key, value]) => `label=${key}:${value}`),
    ],
  };
}

function appArmor(wanted: SecurityProfile | undefined): string[] {
  if (!wanted || wanted.type === 'runtime-default') return [];
  return [`apparmor=${wanted.type === 'localhost' ? wanted.profile : 'unconfined'}`];
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
