import { mkdtempSync } from 'node:fs';
import { readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Container } from '../../packages/edgecore/src/pods/pod.ts';
import { useDockerPods } from '../support/docker-pods.ts';

const seccompDir = mkdtempSync(join(tmpdir(), 'seccomp-'));
const pods = useDockerPods({ seccompDir });
afterAll(() => rm(seccompDir, { recursive: true }));

const idle = (name: string, more: Partial<Container> = {}): Container =>
  pods.sh('exec sleep 1000', { name, ...more });
const isRunning = (): Promise<unknown> =>
  pods.node.until(({ status }) => status.containerStatuses!.every(({ ready }) => ready));

describe('pods on a Docker engine', () => {
  it('have a full name, know others by name, and ask whom they are told to ask', async () => {
    pods.hold({
      hostname: 'left',
      subdomain: 'wing',
      hostAliases: [{ ip: '192.0.2.9', hostnames: ['right', 'right.example'] }],
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['192.0.2.53'],
        searches: ['site.example'],
        options: [{ name: 'ndots', value: '2' }],
      },
      containers: [idle('main')],
    });
    await isRunning();
    const full = 'left.wing.default.svc.cluster.local';
    expect(await pods.within('hostname; hostname -f')).toBe(`left\n${full}\n`);
    const hosts = await pods.within('cat /etc/hosts');
    expect(hosts).toMatch(/^192\.0\.2\.9\s+right$/m);
    expect(hosts).toMatch(/^192\.0\.2\.9\s+right\.example$/m);
    const lines = (await pods.within('cat /etc/resolv.conf')).split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('#')).toSorted()).toEqual([
      'nameserver 192.0.2.53',
      'options ndots:2',
      'search site.example',
    ]);
  });

  it('have their full name as host name when they ask for it', async () => {
    pods.hold({ subdomain: 'wing', setHostnameAsFQDN: true, containers: [idle('main')] });
    await isRunning();
    expect(await pods.within('hostname')).toBe('web.wing.default.svc.cluster.local\n');
  });

  it('keep the machine’s names beside their own in the machine’s network', async () => {
    const hostAliases = [{ ip: '192.0.2.9', hostnames: ['right'] }];
    const dnsConfig = { searches: ['site.example'] };
    pods.hold({ hostNetwork: true, hostAliases, dnsConfig, containers: [idle('main')] });
    await isRunning();
    expect(await pods.within('cat /etc/hosts')).toMatch(/^192\.0\.2\.9\s+right$/m);
    expect(await pods.within('cat /etc/resolv.conf')).toMatch(/^search .*site\.example$/m);
  });

  it('share the processes of their containers when they ask for it', async () => {
    pods.hold({ shareProcessNamespace: true, containers: [idle('main'), idle('other')] });
    await isRunning();
    expect(await pods.within('tr "\\0" " " < /proc/1/cmdline')).toBe('/pause ');
    expect((await pods.within('ps -o args | grep -c "^sleep 1000"')).trim()).toBe('2');
  });

  it('share the machine’s processes and messages when they ask for it', async () => {
    pods.hold({ hostPID: true, hostIPC: true, containers: [idle('main')] });
    await isRunning();
    const init = await readFile('/proc/1/comm', 'utf8');
    expect(await pods.within('cat /proc/1/comm')).toBe(init);
    expect((await pods.within('readlink /proc/self/ns/ipc')).trim()).toBe(
      await readlink('/proc/self/ns/ipc'),
    );
  });

  it('have the sysctls, the terminal and the open input that they ask for', async () => {
    const sysctls = [{ name: 'net.ipv4.ip_local_port_range', value: '2000 3000' }];
    const script = 'test -t 0 && echo a terminal; exec cat';
    pods.hold({
      securityContext: { sysctls },
      containers: [idle('main'), pods.sh(script, { name: 'shell', tty: true, stdin: true })],
    });
    await isRunning();
    expect(await pods.within('cat /proc/sys/net/ipv4/ip_local_port_range')).toBe('2000\t3000\n');
    expect(await pods.log((line) => line === 'a terminal', 'shell')).toEqual(['a terminal']);
  });
});

describe('containers on a Docker engine', () => {
  /** A line of /proc/self/status of a command in the container. */
  const own = async (field: string, name: string): Promise<string> =>
    (await pods.within(`grep ^${field}: /proc/self/status`, name)).split(/\s+/)[1] ?? '';

  it('may do what their security context says, and no more', async () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
    };
    await writeFile(join(seccompDir, 'no-mkdir.json'), JSON.stringify(profile));
    const none = { drop: ['ALL'] };
    const localhost = { type: 'Localhost', localhostProfile: 'no-mkdir.json' } as const;
    pods.hold({
      containers: [
        idle('main', { securityContext: { capabilities: none, allowPrivilegeEscalation: false } }),
        idle('chown', { securityContext: { capabilities: { ...none, add: ['CHOWN'] } } }),
        idle('free', { securityContext: { seccompProfile: { type: 'Unconfined' } } }),
        idle('bound', { securityContext: { seccompProfile: localhost } }),
      ],
    });
    await isRunning();
    expect([await own('CapEff', 'main'), await own('NoNewPrivs', 'main')]).toEqual([
      '0000000000000000',
      '1',
    ]);
    expect(await own('CapEff', 'chown')).toBe('0000000000000001');
    expect([await own('Seccomp', 'free'), await own('NoNewPrivs', 'free')]).toEqual(['0', '0']);
    expect(await pods.within('mkdir /x 2>&1', 'bound')).toContain('Operation not permitted');
    expect(await pods.within('mkdir /x && echo made', 'free')).toBe('made\n');
  });

  it('see all of /proc where they ask for it', async () => {
    const securityContext = { procMount: 'Unmasked' } as const;
    pods.hold({ containers: [idle('main'), idle('open', { securityContext })] });
    await isRunning();
    const masks = 'grep -c " /proc/" /proc/self/mountinfo || true';
    expect(Number(await pods.within(masks))).toBeGreaterThan(0);
    expect((await pods.within(masks, 'open')).trim()).toBe('0');
  });

  it('may do everything if they are privileged, and say so where the engine may not itself', async () => {
    pods.hold({ containers: [idle('main', { securityContext: { privileged: true } })] });
    const all = capabilitiesOf(await readFile('/proc/sys/kernel/cap_last_cap', 'utf8'));
    const [, ofMachine = ''] =
      /^CapBnd:\s*(\w+)$/m.exec(await readFile('/proc/self/status', 'utf8')) ?? [];
    if (ofMachine === all) {
      await isRunning();
      expect(await own('CapEff', 'main')).toBe(all);
      return;
    }
    const { state } = await pods.until(({ state: one }) => one.waiting?.message !== undefined);
    expect(state.waiting?.reason).toBe('RunContainerError');
    expect(state.waiting?.message).toContain('unable to apply caps: operation not permitted');
  });

  it('are not made as root when they must not be', async () => {
    pods.hold({ containers: [idle('main', { securityContext: { runAsNonRoot: true } })] });
    const { state } = await pods.until(({ state: { waiting } }) => waiting?.message !== undefined);
    expect(state.waiting).toMatchObject({
      reason: 'CreateContainerConfigError',
      message: expect.stringContaining('image will run as root') as string,
    });
  });

  it('are not made with a profile that is not there', async () => {
    const seccompProfile = { type: 'Localhost', localhostProfile: 'none.json' } as const;
    pods.hold({ containers: [idle('main', { securityContext: { seccompProfile } })] });
    const { state } = await pods.until(
      ({ state: one }) => one.waiting?.reason === 'CreateContainerError',
    );
    expect(state.waiting?.message).toContain('cannot load seccomp profile');
  });
});

/** Every capability up to the last, as in /proc/self/status. */
function capabilitiesOf(last: string): string {
  return ((1n << (BigInt(last.trim()) + 1n)) - 1n).toString(16).padStart(16, '0');
}
