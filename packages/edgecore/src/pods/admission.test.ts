import { readAmounts } from '@skerry/shared/kube/amounts';
import { describe, expect, it } from 'vitest';
import { refusalOf, type NodeRoom } from './admission.ts';
import { claimOf } from './pod-claim.ts';
import type { Container, PodObject } from './pod.ts';
import { podObject } from './testing/pod-node.ts';

const room: NodeRoom = {
  name: 'edge-1',
  allocatable: readAmounts({ cpu: '2', memory: '1Gi', pods: '3', 'example.com/gpu': '1' }),
  labels: { 'kubernetes.io/arch': 'arm64', rack: '7' },
  runtimeClasses: new Set(['docker', 'process']),
  pressures: [],
};
const asking = (requests: Record<string, string>, more: Partial<Container> = {}): Container => ({
  name: 'main',
  image: 'a',
  resources: { requests },
  ...more,
});
const podWith = (spec: Partial<PodObject['spec']>, name = 'web'): PodObject =>
  podObject({ name, containers: [asking({})], ...spec });
const judge = (
  spec: Partial<PodObject['spec']>,
  others: readonly PodObject[] = [],
  where: Partial<NodeRoom> = {},
): string | undefined => {
  const pod = podWith(spec);
  const verdict = refusalOf(pod, claimOf(pod), { ...room, ...where }, others.map(claimOf));
  return verdict && `${verdict.reason}: ${verdict.message}`;
};

describe('resources', () => {
  it('are enough up to the last of them', () => {
    const half = podWith({ containers: [asking({ cpu: '1500m', memory: '512Mi' })] }, 'other');
    const rest = { containers: [asking({ cpu: '500m', memory: '512Mi' })] };
    expect(judge(rest, [half])).toBeUndefined();
  });

  it.each([
    [
      { cpu: '1' },
      "OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000",
    ],
    [
      { memory: '2Gi' },
      "OutOfmemory: Pod was rejected: Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824",
    ],
    [
      { 'example.com/gpu': '2' },
      "OutOfexample.com/gpu: Pod was rejected: Node didn't have enough resource: example.com/gpu, requested: 2, used: 0, capacity: 1",
    ],
    [
      { 'example.com/fpga': '1' },
      "OutOfexample.com/fpga: Pod was rejected: Node didn't have enough resource: example.com/fpga, requested: 1, used: 0, capacity: 0",
    ],
  ])('that are lacking are named: %j', (requests, said) => {
    const other = podWith({ containers: [asking({ cpu: '1500m' })] }, 'other');
    expect(judge({ containers: [asking(requests)] }, [other])).toBe(said);
  });

  it('count a limit where no request is given', () => {
    const containers = [{ name: 'main', image: 'a', resources: { limits: { cpu: '3' } } }];
    expect(judge({ containers })).toMatch(/^OutOfcpu/);
  });

  it('of init containers are used before, those of sidecars beside', () => {
    const init = [asking({ cpu: '1500m' }, { name: 'init' })];
    const sidecar = [asking({ cpu: '1500m' }, { name: 'side', restartPolicy: 'Always' })];
    const containers = [asking({ cpu: '1' })];
    expect(judge({ initContainers: init, containers })).toBeUndefined();
    expect(judge({ initContainers: sidecar, containers })).toMatch(/^OutOfcpu.*requested: 2500/);
    expect(judge({ initContainers: [...sidecar, ...init], containers: [asking({})] })).toMatch(
      /requested: 3000/,
    );
  });

  it('count pods as well', () => {
    const three = ['a', 'b', 'c'].map((name) => podWith({}, name));
    expect(judge({}, three)).toMatch(/^OutOfpods.*requested: 1, used: 3, capacity: 3$/);
  });
});

describe('what a node is', () => {
  const affinity = (operator: string, values: readonly string[], key = 'rack'): object => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }],
      },
    },
  });

  it.each([
    [{ nodeSelector: { rack: '7' } }, true],
    [{ nodeSelector: { rack: '8' } }, false],
    [{ affinity: affinity('In', ['6', '7']) }, true],
    [{ affinity: affinity('NotIn', ['7']) }, false],
    [{ affinity: affinity('Exists', [], 'row') }, false],
    [{ affinity: affinity('DoesNotExist', [], 'row') }, true],
    [{ affinity: affinity('Gt', ['6']) }, true],
    [{ affinity: affinity('Lt', ['7']) }, false],
    [
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] },
          },
        },
      },
      false,
    ],
  ])('is asked by %j', (spec, fits) => {
    expect(judge(spec as Partial<PodObject['spec']>)?.split(':')[0]).toBe(
      fits ? undefined : 'NodeAffinity',
    );
  });

  it('is not held against a pod before the node is known', () => {
    expect(judge({ nodeSelector: { rack: '8' } }, [], { labels: undefined })).toBeUndefined();
  });

  it('includes its runtimes', () => {
    expect(judge({ runtimeClassName: 'process' })).toBeUndefined();
    expect(judge({ runtimeClassName: 'kata' })).toBe(
      'RuntimeClassNotFound: Pod was rejected: RuntimeClass "kata" not found on this node; it has: docker, process',
    );
  });

  it('keeps out, under pressure, whom a kubelet keeps out', () => {
    const memory = { pressures: ['MemoryPressure'] };
    const disk = { pressures: ['DiskPressure'] };
    const modest = { containers: [asking({ memory: '1Mi' })] };
    expect(judge({}, [], memory)).toBe(
      'Evicted: Pod was rejected: The node had condition: [MemoryPressure]. ',
    );
    expect(judge(modest, [], memory)).toBeUndefined();
    expect(judge(modest, [], disk)).toMatch(/^Evicted/);
    expect(judge({ priority: 2_000_000_000 }, [], disk)).toBeUndefined();
    const annotations = { 'kubernetes.io/config.source': 'file' };
    const fromFile = podObject({ metadata: { annotations } });
    expect(refusalOf(fromFile, claimOf(fromFile), { ...room, ...disk }, [])).toBeUndefined();
    const tolerations = [
      { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists' as const },
    ];
    expect(judge({ tolerations }, [], memory)).toBeUndefined();
  });
});

describe('ports of the host', () => {
  const at = (hostPort: number, hostIP = '', protocol: 'TCP' | 'UDP' = 'TCP'): Container =>
    asking({}, { ports: [{ containerPort: 80, hostPort, hostIP, protocol }] });
  const other = podWith({ containers: [at(8080, '127.0.0.1')] }, 'other');

  it.each([
    [at(8080), true],
    [at(8080, '127.0.0.1'), true],
    [at(8080, '192.0.2.7'), false],
    [at(8080, '', 'UDP'), false],
    [at(8081), false],
  ])('are taken once: %j', (container, refused) => {
    expect(judge({ containers: [container] }, [other]) !== undefined).toBe(refused);
  });

  it('include those of containers in the host’s network', () => {
    const containers = [asking({}, { ports: [{ containerPort: 8080 }] })];
    expect(judge({ containers, hostNetwork: true }, [other])).toMatch(/^NodePorts/);
    expect(judge({ containers }, [other])).toBeUndefined();
  });
});
