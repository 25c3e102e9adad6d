import { existsSync } from 'node:fs';
import { noEviction } from '@skerry/edgecore/node/node-config';
import { describe, expect, it } from 'vitest';
import { containersOf, logsOf, runningContainer } from '../support/containers.ts';
import { eventually, patienceMs } from '../support/eventually.ts';
import { useSite } from '../support/site.ts';

/** A device of the machine that containers do not have by themselves. */
const device = ['/dev/loop-control', '/dev/kmsg', '/dev/fuse'].find((path) => existsSync(path));
const site = useSite({
  hub: { nodeMonitorGraceSeconds: 3, heartbeatSeconds: 1 },
  node: {
    node: {
      eviction: noEviction,
      maxPods: 20,
      systemReserved: { cpu: '100m', memory: '64Mi' },
      devices: ['example.com/licence=2', `example.com/piece=${device ?? ''}`],
    },
  },
});

interface Pod {
  readonly metadata: { readonly uid: string };
  readonly spec: { readonly tolerations?: readonly Toleration[] };
  readonly status: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

interface Toleration {
  readonly key?: string;
  readonly tolerationSeconds?: number;
}

interface NodeObject {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly taints?: readonly { readonly key: string }[] };
  readonly status: {
    readonly capacity: Readonly<Record<string, string>>;
    readonly allocatable: Readonly<Record<string, string>>;
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
  };
}

function podOf(
  name: string,
  spec: object,
  annotations: object = {},
  container: object = {},
): object {
  const main = {
    name: 'main',
    image: site.image,
    imagePullPolicy: 'Never',
    command: ['sleep', '100000'],
    ...container,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations },
    spec: {
      nodeName: site.node.name,
      terminationGracePeriodSeconds: 0,
      containers: [main],
      ...spec,
    },
  };
}

const waitFor = (name: string, is: (pod: Pod) => boolean): Promise<Pod> =>
  site.system.kubectl.waitFor<Pod>(['pod', name], is);
const untilPhase = (name: string, phase: string): Promise<Pod> =>
  waitFor(name, ({ status }) => status.phase === phase);

describe('a node', { timeout: 3 * patienceMs }, () => {
  it('offers what it has, less what is reserved, and says what it is', async () => {
    const { metadata, status } = await site.system.kubectl.json<NodeObject>(
      'get',
      'node',
      site.node.name,
    );
    expect(status.capacity).toMatchObject({
      pods: '20',
      'example.com/licence': '2',
      'example.com/piece': '1',
    });
    expect(status.allocatable['cpu']).toBe(`${Number(status.capacity['cpu']) * 1000 - 100}m`);
    expect(parseInt(status.capacity['memory'] ?? '') - 65_536).toBe(
      parseInt(status.allocatable['memory'] ?? ''),
    );
    expect(status.conditions.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']),
    );
    expect(metadata.labels).toHaveProperty(
      ['feature.node.kubernetes.io/kernel-version.full'],
      expect.stringMatching(/^\d/),
    );
  });

  it('gives a container the device that it asks for', async () => {
    const resources = { limits: { 'example.com/piece': '1' } };
    const command = ['sh', '-c', `[ -c ${device ?? ''} ] && echo has it; exec sleep 100000`];
    await site.system.kubectl.apply(podOf('piece', {}, {}, { resources, command }));
    await untilPhase('piece', 'Running');
    const id = await runningContainer(site.engine, 'piece');
    await eventually('its word', async () => (await logsOf(site.engine, id)).includes('has it'));
  });

  it.each([
    ['OutOfcpu', {}, { resources: { requests: { cpu: '1000' } } }],
    ['OutOfexample.com/piece', {}, { resources: { limits: { 'example.com/piece': '1' } } }],
    ['NodeAffinity', { nodeSelector: { rack: 'none' } }, {}],
  ])('refuses what it cannot run for %s, once', async (reason, spec, container) => {
    const name = `refused-${reason.toLowerCase().replace(/[^a-z]/g, '-')}`;
    await site.system.kubectl.apply(podOf(name, spec, {}, container));
    const { status } = await untilPhase(name, 'Failed');
    expect(status.reason).toBe(reason);
    expect(status.message).toContain('Pod was rejected');
    expect(await site.system.kubectl.run(['get', 'pod', name])).toContain(reason);
    await eventually('its Event', async () =>
      (await site.system.kubectl.run(['describe', 'pod', name])).includes(`Warning  ${reason}`),
    );
    expect(await containersOf(site.engine, name)).toEqual([]);
  });
});

describe('a node that is cut off', { timeout: 4 * patienceMs }, () => {
  const secondsOf = ({ spec }: Pod): unknown[] =>
    (spec.tolerations ?? [])
      .filter(({ key }) => key?.startsWith('node.kubernetes.io/'))
      .map(({ tolerationSeconds }) => tolerationSeconds ?? 'forever');

  it('keeps its pods in the cluster, and stops by itself those that may not go on', async () => {
    await site.system.kubectl.apply([
      podOf('kept', {}),
      podOf('brief', {}, { 'edge.skerry.io/autonomy': '10m' }),
      podOf('bound', {}, { 'edge.skerry.io/offline-policy': 'stop-after: 1s' }),
    ]);
    const before = new Map<string, Pod>();
    for (const name of ['kept', 'brief', 'bound'])
      before.set(name, await untilPhase(name, 'Running'));
    await waitFor('kept', (pod) => secondsOf(pod).join() === 'forever,forever');
    await waitFor('brief', (pod) => secondsOf(pod).join() === '600,600');
    const kept = await runningContainer(site.engine, 'kept');

    await site.system.hub.end('SIGKILL');
    await eventually('the end of the bound pod', async () =>
      (await containersOf(site.engine, 'bound')).every(({ State }) => State !== 'running'),
    );
    expect(await runningContainer(site.engine, 'kept')).toBe(kept);

    await site.node.daemon.end('SIGKILL');
    await site.system.hub.start();
    await site.system.kubectl.waitFor<NodeObject>(
      ['node', site.node.name],
      ({ spec }) => spec.taints?.some(({ key }) => key.endsWith('/unreachable')) === true,
    );
    await site.node.daemon.start();
    await site.system.untilReady(site.node);
    const back = await waitFor(
      'bound',
      ({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) >= 1,
    );
    expect(back.metadata.uid).toBe(before.get('bound')?.metadata.uid);
    await eventually('it to run', () => runningContainer(site.engine, 'bound'));
    expect(await runningContainer(site.engine, 'kept')).toBe(kept);
    const listed = await site.system.kubectl.run(['get', 'pods', '--no-headers']);
    expect(listed).not.toContain('Terminating');
    for (const [name, pod] of before)
      expect((await untilPhase(name, 'Running')).metadata.uid).toBe(pod.metadata.uid);
  });
});
