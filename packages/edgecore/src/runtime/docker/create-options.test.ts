import { describe, expect, it } from 'vitest';
import { containerSpec, sandboxSpec, somePod } from '../testing/specs.ts';
import { containerOptions, sandboxOptions } from './create-options.ts';
import {
  containerOrigin,
  engineName,
  isSandbox,
  ownerFilter,
  podOf,
  sandboxMark,
} from './labels.ts';

const pod = somePod();

describe('sandboxOptions', () => {
  it('publishes ports on the sandbox, whose network its containers share', () => {
    const ports = [
      { containerPort: 80, hostPort: 8080, hostIp: '', protocol: 'tcp' },
      { containerPort: 80, hostPort: 8081, hostIp: '127.0.0.1', protocol: 'tcp' },
    ] as const;
    const options = sandboxOptions('edge-1', 'skerry/pause:1', { ...sandboxSpec(pod), ports });
    expect(options.ExposedPorts).toEqual({ '80/tcp': {} });
    expect(options.HostConfig).toMatchObject({
      NetworkMode: 'bridge',
      IpcMode: 'shareable',
      PortBindings: {
        '80/tcp': [
          { HostIp: '', HostPort: '8080' },
          { HostIp: '127.0.0.1', HostPort: '8081' },
        ],
      },
    });
  });

  it('names the pod and those it knows, and says whom to ask for others', () => {
    const spec = {
      ...sandboxSpec(pod),
      domainname: 'wing.default.svc.cluster.local',
      hosts: [{ ip: '192.0.2.9', hostnames: ['a', 'b'] }],
      sysctls: { 'net.core.somaxconn': '1024' },
    };
    const { Hostname, Domainname, HostConfig } = sandboxOptions('edge-1', 'p', spec);
    expect([Hostname, Domainname]).toEqual(['web', 'wing.default.svc.cluster.local']);
    expect(HostConfig.ExtraHosts).toEqual(['a:192.0.2.9', 'b:192.0.2.9']);
    expect(HostConfig.Sysctls).toEqual({ 'net.core.somaxconn': '1024' });
    expect(HostConfig).not.toHaveProperty('Dns');
    const dns = { nameservers: ['192.0.2.53'], searches: [], options: ['ndots:2'] };
    expect(sandboxOptions('edge-1', 'p', { ...spec, dns }).HostConfig).toMatchObject({
      Dns: ['192.0.2.53'],
      DnsSearch: ['.'],
      DnsOptions: ['ndots:2'],
    });
  });

  it('leaves name and ports to the host in the host’s network', () => {
    const spec = { ...sandboxSpec(pod), hostNetwork: true };
    const options = sandboxOptions('edge-1', 'skerry/pause:1', spec);
    expect(options.HostConfig.NetworkMode).toBe('host');
    expect(options).not.toHaveProperty('Hostname');
    expect(options.HostConfig).not.toHaveProperty('PortBindings');
  });
});

describe('containerOptions', () => {
  const of = (wanted: Parameters<typeof containerSpec>[2]): ReturnType<typeof containerOptions> =>
    containerOptions('edge-1', containerSpec(pod, 's1', wanted));

  it('joins the sandbox’s namespaces', () => {
    expect(of({}).HostConfig).toMatchObject({
      NetworkMode: 'container:s1',
      IpcMode: 'container:s1',
    });
    expect(of({}).HostConfig).not.toHaveProperty('PidMode');
    expect(of({ sharePid: true }).HostConfig.PidMode).toBe('container:s1');
    expect(of({ hostPid: true, sharePid: true }).HostConfig.PidMode).toBe('host');
  });

  it('replaces the image’s entry point by a command, and its arguments by either', () => {
    expect(of({})).not.toHaveProperty('Cmd');
    expect(of({ args: ['x'] })).toMatchObject({ Cmd: ['x'] });
    expect(of({ args: ['x'] })).not.toHaveProperty('Entrypoint');
    expect(of({ command: ['c'] })).toMatchObject({ Entrypoint: ['c'], Cmd: [] });
  });

  it('turns requests and limits into shares, quota and bytes', () => {
    const resources = {
      cpuRequestMillis: 500,
      cpuLimitMillis: 1500,
      memoryLimitBytes: 64 * 1024 ** 2,
      oomScoreAdj: 7,
    };
    expect(of({ resources }).HostConfig).toMatchObject({
      CpuShares: 512,
      CpuPeriod: 100_000,
      CpuQuota: 150_000,
      Memory: 64 * 1024 ** 2,
      MemorySwap: 64 * 1024 ** 2,
      OomScoreAdj: 7,
    });
    const none = of({}).HostConfig;
    expect(none.CpuShares).toBe(2);
    expect(none).not.toHaveProperty('Memory');
    expect(none).not.toHaveProperty('CpuQuota');
  });

  it('turns a security context into the engine’s own words', () => {
    const { security } = containerSpec(pod, 's1', {});
    const strict = of({
      security: {
        ...security,
        runAsUser: 1000,
        runAsGroup: 2000,
        supplementalGroups: [3000],
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilitiesAdded: ['NET_ADMIN'],
        capabilitiesDropped: ['ALL'],
      },
    });
    expect(strict.User).toBe('1000:2000');
    expect(strict.HostConfig).toMatchObject({
      GroupAdd: ['3000'],
      ReadonlyRootfs: true,
      SecurityOpt: ['no-new-privileges'],
      CapAdd: ['NET_ADMIN'],
      CapDrop: ['ALL'],
    });
    expect(strict.HostConfig.Privileged).toBe(false);
    expect(of({ security: { ...security, privileged: true } }).HostConfig.Privileged).toBe(true);
    expect(of({})).not.toHaveProperty('User');
    expect(of({ security: { ...security, runAsUser: 0 } }).User).toBe('0');
  });

  it('turns profiles and labels into security options', () => {
    const { security } = containerSpec(pod, 's1', {});
    const options = (more: Partial<typeof security>): unknown =>
      of({ security: { ...security, ...more } }).HostConfig.SecurityOpt;
    expect(options({})).toEqual([]);
    expect(options({ appArmor: { type: 'runtime-default' } })).toEqual([]);
    expect(options({ appArmor: { type: 'unconfined' } })).toEqual(['apparmor=unconfined']);
    expect(options({ appArmor: { type: 'localhost', profile: 'mine' } })).toEqual([
      'apparmor=mine',
    ]);
    expect(options({ seLinux: { type: 'svirt_t', level: 's0' } })).toEqual([
      'label=type:svirt_t',
      'label=level:s0',
    ]);
  });

  it('hides nothing of /proc where that is asked for', () => {
    const usual = containerSpec(pod, 'sandbox', {}).security;
    expect(of({ security: usual }).HostConfig).not.toHaveProperty('MaskedPaths');
    expect(of({ security: { ...usual, unmaskedProc: true } }).HostConfig).toMatchObject({
      MaskedPaths: [],
      ReadonlyPaths: [],
    });
  });

  it('mounts the file for last words, unless a volume is there', () => {
    const lastWords = { hostPath: '/run/words', containerPath: '/dev/termination-log' };
    const bind = { Type: 'bind', Source: '/run/words', Target: '/dev/termination-log' };
    expect(of({ lastWords }).HostConfig.Mounts).toEqual([{ ...bind, ReadOnly: false }]);
    const volume = { volume: 'v', hostPath: '/v', readOnly: true };
    const mounts = [{ ...volume, containerPath: '/dev/termination-log' }];
    expect(of({ lastWords, mounts }).HostConfig.Mounts).toHaveLength(1);
  });

  it('passes on how a container is to be ended, and its terminal', () => {
    expect(of({ stopSignal: 'SIGUSR1' }).StopSignal).toBe('SIGUSR1');
    expect(of({})).not.toHaveProperty('StopSignal');
    expect(of({ stdin: true, stdinOnce: true, tty: true })).toMatchObject({
      OpenStdin: true,
      StdinOnce: true,
      Tty: true,
    });
  });

  it('bounds the log', () => {
    expect(of({}).HostConfig.LogConfig).toEqual({
      Type: 'json-file',
      Config: { 'max-size': '10m', 'max-file': '2' },
    });
  });
});

describe('labels', () => {
  it('give back what was put into them', () => {
    const spec = containerSpec(pod, 's1', { attempt: 3, image: 'app:1' });
    const { Labels } = containerOptions('edge-1', spec);
    const { mark, image, sandboxId } = spec;
    expect(containerOrigin(Labels)).toEqual({ mark, image, sandboxId });
    expect(podOf(Labels)).toEqual(pod);
    expect(isSandbox(Labels)).toBe(false);
    const sandbox = sandboxOptions('edge-1', 'p', sandboxSpec(pod, 2)).Labels;
    expect(isSandbox(sandbox)).toBe(true);
    expect(sandboxMark(sandbox)).toEqual({ pod, attempt: 2, streak: 0 });
  });

  it('narrow a list to one agent, and to one pod', () => {
    expect(ownerFilter('edge-1')).toEqual(['io.skerry.owner=edge-1']);
    expect(ownerFilter('edge-1', pod)).toEqual([
      'io.skerry.owner=edge-1',
      'io.skerry.pod.namespace=default',
      'io.skerry.pod.name=web',
    ]);
  });

  it('make one name per attempt', () => {
    expect(engineName({ pod, attempt: 0, streak: 0 })).toBe(`skerry_POD_web_default_${pod.uid}_0`);
    expect(engineName(containerSpec(pod, 's', { attempt: 4 }).mark)).toBe(
      `skerry_main_web_default_${pod.uid}_4`,
    );
  });
});
