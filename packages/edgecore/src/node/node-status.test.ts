import { nodeName } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import type { RuntimeHealth } from '../runtime/runtimes.ts';
import { FakeMachine, FakeRuntime } from '../runtime/testing/fake-runtime.ts';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { addressOf } from './machine.ts';
import { pressureVerdicts, readiness, seePressures, toConditions } from './node-conditions.ts';
import { allocatableOf, capacityOf, thresholdsOf } from './capacity.ts';
import { shortages } from './eviction.ts';
import { testNodeConfig } from './testing/node-config.ts';
import { osReleaseOf, threadsOf, type NodeFacts } from './node-facts.ts';
import { nodeReport, saySame, type NodeReport } from './node-status.ts';

const GiB = 1024 ** 3;
const facts: NodeFacts = {
  address: '192.0.2.7',
  cpus: 4,
  memoryBytes: 8 * GiB,
  memoryAvailableBytes: 4 * GiB,
  diskBytes: 100 * GiB,
  diskAvailableBytes: 50 * GiB,
  inodes: 1000,
  inodesAvailable: 500,
  threads: 200,
  maxThreads: 60_000,
  machineId: 'm',
  systemUuid: 's',
  bootId: 'b',
  kernelVersion: '6.1.0',
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  osId: 'debian',
  osVersion: '12',
  architecture: 'arm64',
};
const pieces = [{ resource: 'nvidia.com/gpu', count: 1, paths: ['/dev/nvidia0'] }];
const runtime = new FakeRuntime(new FakeMachine(new ManualClock()));
const ready: RuntimeHealth = { phase: 'ready', runtime, version: '20.10.24' };
const process: RuntimeHealth = { phase: 'ready', runtime, version: '1' };
const health = (docker: RuntimeHealth): ReadonlyMap<string, RuntimeHealth> =>
  new Map([
    ['docker', docker],
    ['process', process],
  ]);
const report = (docker: RuntimeHealth, now = 0): NodeReport =>
  nodeReport({
    node: nodeName('edge-1'),
    version: '0.1.0',
    volumesDir: '/var/lib/skerry/edgecore/volumes',
    resources: {
      facts,
      capacity: capacityOf(facts, testNodeConfig, pieces),
      allocatable: allocatableOf(capacityOf(facts, testNodeConfig, pieces), testNodeConfig, facts),
      labels: { 'edge.skerry.io/gpu': 'nvidia' },
    },
    health: health(docker),
    conditions: toConditions([readiness(health(docker))], [], now),
  });

describe('nodeReport', () => {
  it('tells what a kubelet tells', () => {
    const { labels, status } = report(ready);
    expect(labels).toEqual({
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'arm64',
      'kubernetes.io/hostname': 'edge-1',
      'node-role.kubernetes.io/edge': '',
      'edge.skerry.io/runtime': 'docker',
      'edge.skerry.io/version': '0.1.0',
      'edge.skerry.io/gpu': 'nvidia',
      'feature.node.kubernetes.io/kernel-version.full': '6.1.0',
      'feature.node.kubernetes.io/kernel-version.major': '6',
      'feature.node.kubernetes.io/kernel-version.minor': '1',
      'feature.node.kubernetes.io/system-os_release.ID': 'debian',
      'feature.node.kubernetes.io/system-os_release.VERSION_ID': '12',
    });
    expect(status).toMatchObject({
      capacity: {
        cpu: '4',
        memory: '8388608Ki',
        'ephemeral-storage': '104857600Ki',
        pods: '110',
        'nvidia.com/gpu': '1',
      },
      allocatable: {
        cpu: '3500m',
        memory: '8024064Ki', // less 256Mi for the system and the 100Mi that stay free
        'ephemeral-storage': '94371840Ki',
        pods: '110',
        'nvidia.com/gpu': '1',
      },
      addresses: [
        { type: 'InternalIP', address: '192.0.2.7' },
        { type: 'Hostname', address: 'edge-1' },
      ],
      nodeInfo: {
        kubeletVersion: 'v1.36.0-skerry.0.1.0',
        containerRuntimeVersion: 'docker://20.10.24',
        operatingSystem: 'linux',
        architecture: 'arm64',
      },
    });
  });

  it('names the process runtime where there is no engine', () => {
    const { labels, status } = report({ phase: 'absent', message: 'none' });
    expect(labels['edge.skerry.io/runtime']).toBe('process');
    expect(status.nodeInfo['containerRuntimeVersion']).toBe('process://1');
  });

  it('says the same at another time', () => {
    expect(saySame(report(ready, 1), report(ready, 1))).toBe(true);
    const later = { ...report(ready, 1) };
    const [condition] = later.status.conditions;
    const heard = { ...condition!, lastHeartbeatTime: '2030-01-01T00:00:00Z' };
    expect(saySame(later, { ...later, status: { ...later.status, conditions: [heard] } })).toBe(
      true,
    );
    expect(saySame(report(ready), report({ phase: 'ill', message: 'x' }))).toBe(false);
    expect(saySame(report(ready), undefined)).toBe(false);
  });
});

describe('readiness', () => {
  it('is there with an engine, and without one for process pods', () => {
    expect(readiness(health(ready))).toMatchObject({ isTrue: true, reason: 'KubeletReady' });
    const absent = readiness(health({ phase: 'absent', message: 'no engine at unix:///x' }));
    expect(absent.isTrue).toBe(true);
    expect(absent.message).toBe(
      'edgecore is posting ready status; only pods of runtimeClassName process can run: no engine at unix:///x',
    );
  });

  it('is not there when the engine is there and does not answer', () => {
    expect(readiness(health({ phase: 'ill', message: 'permission denied' }))).toMatchObject({
      isTrue: false,
      reason: 'KubeletNotReady',
      message: 'container runtime is down: permission denied',
    });
  });
});

describe('pressures', () => {
  const least = thresholdsOf(testNodeConfig, facts);
  const kept = 300_000;
  const seen = (more: Partial<NodeFacts>): string[] =>
    pressureVerdicts(seePressures(new Map(), shortages({ ...facts, ...more }, least), 0), kept, 0)
      .filter(({ isTrue }) => isTrue)
      .map(({ type }) => type);

  it('are seen at the kubelet’s thresholds', () => {
    expect(seen({})).toEqual([]);
    expect(seen({ memoryAvailableBytes: 99 * 1024 ** 2 })).toEqual(['MemoryPressure']);
    expect(seen({ diskAvailableBytes: 9 * GiB })).toEqual(['DiskPressure']);
    expect(seen({ inodesAvailable: 40 })).toEqual(['DiskPressure']);
    expect(seen({ threads: 55_000 })).toEqual(['PIDPressure']);
  });

  it('are told for a while after they were last seen', () => {
    const sightings = seePressures(
      new Map(),
      shortages({ ...facts, diskAvailableBytes: 0 }, least),
      0,
    );
    const disk = (now: number): boolean | undefined =>
      pressureVerdicts(seePressures(sightings, [], now), kept, now).find(
        ({ type }) => type === 'DiskPressure',
      )?.isTrue;
    expect(disk(kept)).toBe(true);
    expect(disk(kept + 1)).toBe(false);
  });

  it('have the kubelet’s reasons', () => {
    const verdicts = pressureVerdicts(new Map([['DiskPressure', 0]]), 300_000, 0);
    expect(verdicts.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'KubeletHasSufficientMemory: kubelet has sufficient memory available',
      'KubeletHasDiskPressure: kubelet has disk pressure',
      'KubeletHasSufficientPID: kubelet has sufficient PID available',
    ]);
  });
});

describe('toConditions', () => {
  const verdict = (isTrue: boolean): Parameters<typeof toConditions>[0] => [
    { type: 'Ready', isTrue, reason: 'r', message: 'm' },
  ];

  it('keep the time of their last change', () => {
    const first = toConditions(verdict(true), [], 0);
    const second = toConditions(verdict(true), first, 60_000);
    expect(second[0]).toMatchObject({
      lastTransitionTime: '1970-01-01T00:00:00Z',
      lastHeartbeatTime: '1970-01-01T00:01:00Z',
    });
    expect(toConditions(verdict(false), second, 120_000)[0]?.lastTransitionTime).toBe(
      '1970-01-01T00:02:00Z',
    );
  });
});

describe('what a machine tells', () => {
  it('is its outer IPv4 address, else its IPv6 address', () => {
    const address = (text: string, family = 'IPv4', internal = false): never =>
      [{ address: text, family, internal }] as never;
    const docker0 = address('172.17.0.1');
    expect(
      addressOf({ lo: address('127.0.0.1', 'IPv4', true), docker0, eth0: address('192.0.2.7') }),
    ).toBe('192.0.2.7');
    expect(
      addressOf({ eth0: address('fe80::1', 'IPv6'), eth1: address('2001:db8::1', 'IPv6') }),
    ).toBe('2001:db8::1');
    expect(addressOf({ docker0 })).toBeUndefined();
  });

  it('is read from its files', () => {
    const debian = 'NAME="x"\nPRETTY_NAME="Debian GNU/Linux 12"\nVERSION_ID="12"\nID=debian\n';
    expect(osReleaseOf(debian, 'PRETTY_NAME')).toBe('Debian GNU/Linux 12');
    expect(osReleaseOf(debian, 'ID')).toBe('debian');
    expect(osReleaseOf(debian, 'VERSION_ID')).toBe('12');
    expect(osReleaseOf('', 'ID')).toBeUndefined();
    expect(threadsOf('0.20 0.18 0.12 1/80 11206')).toBe(80);
  });
});
