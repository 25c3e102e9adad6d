import { describe, expect, it } from 'vitest';
import { nodeNamed, podNamed } from '../../testing/pods.ts';
import type { NodeSelectorTerm, PodAffinityTerm, PodSpec } from '../client/objects.ts';
import { nodeState, placedPod, wantingPod, withPods, type ClusterState } from './facts.ts';
import { place } from './place.ts';

type Nodes = readonly ReturnType<typeof nodeNamed>[];
type Pods = readonly ReturnType<typeof podNamed>[];

function clusterOf(nodes: Nodes, pods: Pods = []): ClusterState {
  return {
    nodes: nodes.map((node) => {
      const here = pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
      return withPods(
        nodeState(node),
        here.flatMap((pod) => placedPod(pod) ?? []),
      );
    }),
    namespaceLabels: new Map([['default', {}]]),
  };
}

const zones = [
  nodeNamed('a', { zone: 'east' }),
  nodeNamed('b', { zone: 'east' }),
  nodeNamed('c', { zone: 'west' }),
];
const web = { app: 'web' };
const near = (topologyKey: string): PodAffinityTerm => ({
  labelSelector: { matchLabels: web },
  topologyKey,
});
const asking = (requests: Record<string, string>): Partial<PodSpec> => ({
  containers: [{ name: 'c', resources: { requests } }],
});

/** Where a pod with this spec goes, or what keeps it. */
function placed(spec: Partial<PodSpec>, nodes: Nodes, pods: Pods = [], labels = web): string {
  const placement = place(wantingPod(podNamed('p', { spec, labels })), clusterOf(nodes, pods));
  return placement.do === 'bind' ? placement.node : placement.message;
}

const on = (nodeName: string, spec: Partial<PodSpec> = {}): ReturnType<typeof podNamed> =>
  podNamed(`on-${nodeName}`, { labels: web, spec: { nodeName, ...spec } });

describe('place', () => {
  it('has nowhere to go without nodes', () => {
    expect(placed({}, [])).toBe('no nodes available to schedule pods');
  });

  it('counts what keeps a pod from each node', () => {
    const nodes = [
      nodeNamed('cordoned', {}, { spec: { unschedulable: true } }),
      nodeNamed(
        'tainted',
        {},
        { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } },
      ),
      nodeNamed('small', {}, { status: { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } } }),
      nodeNamed('full', {}, { status: { allocatable: { cpu: '8', memory: '8Gi', pods: '0' } } }),
    ];
    expect(placed(asking({ cpu: '2', memory: '2Gi' }), nodes)).toBe(
      '0/4 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods, ' +
        '1 node(s) had untolerated taint {k: v}, 1 node(s) were unschedulable.',
    );
  });

  it('adds up what is on a node already, init containers and overhead included', () => {
    const pods = [on('a', asking({ cpu: '3' }))];
    const [node] = zones;
    expect(placed(asking({ cpu: '1' }), [node ?? nodeNamed('')], pods)).toBe('a');
    const initContainers = [{ name: 'i', resources: { requests: { cpu: '1001m' } } }];
    expect(placed({ initContainers }, [node ?? nodeNamed('')], pods)).toMatch(/Insufficient cpu/);
    expect(
      placed({ ...asking({ cpu: '1' }), overhead: { cpu: '1m' } }, zones.slice(0, 1), pods),
    ).toMatch(/Insufficient cpu/);
  });

  it('forgets what pods asked for that have ended', () => {
    const ended = { ...on('a', asking({ cpu: '4' })), status: { phase: 'Succeeded' } };
    expect(placed(asking({ cpu: '4' }), zones.slice(0, 1), [ended])).toBe('a');
  });

  it('goes where it tolerates the taints', () => {
    const taints = [{ key: 'k', value: 'v', effect: 'NoExecute' }];
    const nodes = [nodeNamed('t', {}, { spec: { taints } })];
    expect(placed({ tolerations: [{ key: 'k', value: 'v' }] }, nodes)).toBe('t');
    expect(placed({ tolerations: [{ operator: 'Exists' }] }, nodes)).toBe('t');
    expect(placed({ tolerations: [{ key: 'k', value: 'w' }] }, nodes)).toMatch(/untolerated/);
  });

  it.each<[string, Partial<PodSpec>, string]>([
    ['its node selector', { nodeSelector: { zone: 'west' } }, 'c'],
    [
      'its node affinity',
      nodeAffinity({ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['east'] }] }),
      'c',
    ],
    [
      'the name it requires',
      nodeAffinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }),
      'b',
    ],
    ['what it prefers', preferring({ key: 'zone', operator: 'In', values: ['west'] }), 'c'],
  ])('obeys %s', (_what, spec, node) => {
    expect(placed(spec, zones)).toBe(node);
  });

  it('keeps host ports apart, unless their addresses or protocols differ', () => {
    const port = (more: object): Partial<PodSpec> => ({
      containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80, ...more }] }],
    });
    const one = zones.slice(0, 1);
    const pods = [on('a', port({ hostIP: '10.0.0.1' }))];
    expect(placed(port({}), one, pods)).toMatch(/free ports/);
    expect(placed(port({ hostIP: '10.0.0.2' }), one, pods)).toBe('a');
    expect(placed(port({ protocol: 'UDP' }), one, pods)).toBe('a');
  });

  it('goes near the pods it wants, and the first of them anywhere', () => {
    const together = {
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near('zone')] } },
    };
    expect(placed(together, zones, [on('c')])).toBe('c');
    expect(placed(together, zones)).toBe('a');
    expect(placed(together, zones, [], { app: 'other' })).toMatch(
      /didn't match pod affinity rules/,
    );
  });

  it('goes away from the pods it does not want, and from those that do not want it', () => {
    const apart = {
      affinity: {
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near('zone')] },
      },
    };
    expect(placed(apart, zones, [on('a')])).toBe('c');
    expect(placed({}, zones, [on('a', apart)])).toBe('c');
    expect(placed(apart, zones.slice(0, 2), [on('a')])).toMatch(/anti-affinity rules/);
  });

  it('spreads over domains as evenly as it is told', () => {
    const constraint = {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: web },
    };
    const spec = { topologySpreadConstraints: [constraint] };
    expect(placed(spec, zones, [on('a')])).toBe('c');
    expect(placed(spec, [...zones.slice(0, 2)], [on('a')])).toBe('b');
  });

  it('spreads the pods of one owner over nodes, and prefers empty ones', () => {
    const sibling = podNamed('s', { owner: 'o', spec: { nodeName: 'a' } });
    const pod = wantingPod(podNamed('p', { owner: 'o' }));
    expect(place(pod, clusterOf(zones, [sibling]))).toEqual({ do: 'bind', node: 'b' });
    expect(placed({}, zones, [on('a', asking({ cpu: '2' }))])).toBe('b');
  });
});

function nodeAffinity(term: NodeSelectorTerm): Partial<PodSpec> {
  return {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
      },
    },
  };
}

function preferring(expression: {
  key: string;
  operator: string;
  values: string[];
}): Partial<PodSpec> {
  const preference = { matchExpressions: [expression] };
  return {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }],
      },
    },
  };
}
