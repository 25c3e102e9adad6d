import { describe, expect, it } from 'vitest';
import {
  exchangeTaints,
  factsOf,
  judgeNode,
  podNotReady,
  staleDevice,
  unknownConditions,
  type NodeFacts,
} from './node-lifecycle.ts';

const now = Date.UTC(2026, 0, 1);
const unreachable = [
  'node.kubernetes.io/unreachable:NoExecute',
  'node.kubernetes.io/unreachable:NoSchedule',
];
const node = (facts: Partial<NodeFacts> = {}): NodeFacts => ({
  edge: true,
  ready: 'True',
  taints: [],
  ...facts,
});
const heard = { silent: false, podsMarked: false };
const silent = { silent: true, podsMarked: false };

describe('a device of a silent node', () => {
  it('is stale when it was shown as heard, and says why', () => {
    const mapped = { type: 'Mapped', status: 'True' };
    const online = { type: 'Online', status: 'True' };
    const status = { state: 'online', twins: [], conditions: [mapped, online] };
    expect(staleDevice(status, now)).toMatchObject({
      state: 'stale',
      twins: [],
      conditions: [mapped, { type: 'Online', status: 'Unknown', reason: 'NodeSilent' }],
    });
  });

  it('stays as it is when it was not', () => {
    for (const state of ['offline', 'error', 'unknown', 'stale', undefined])
      expect(staleDevice({ state }, now)).toBeUndefined();
  });
});

describe('judgeNode', () => {
  it('has nothing to do about a healthy node', () => {
    expect(judgeNode(node(), heard)).toEqual([]);
  });

  it('marks a silent node, taints it, and takes Ready from its pods', () => {
    expect(judgeNode(node(), silent)).toEqual([
      { do: 'mark-unknown' },
      { do: 'set-taints', taints: unreachable },
      { do: 'mark-devices-stale' },
      { do: 'mark-pods-not-ready' },
    ]);
  });

  it('does so once', () => {
    const marked = node({ ready: 'Unknown', taints: unreachable });
    expect(judgeNode(marked, { silent: true, podsMarked: true })).toEqual([]);
  });

  it('marks a node that has never reported', () => {
    expect(judgeNode(node({ ready: undefined }), silent)[0]).toEqual({ do: 'mark-unknown' });
    expect(judgeNode(node({ ready: undefined }), heard)).toEqual([]);
  });

  it('takes the taint away when the node reports that it is ready', () => {
    expect(judgeNode(node({ taints: unreachable }), heard)).toEqual([
      { do: 'set-taints', taints: [] },
    ]);
  });

  it('leaves a node that is heard of but has not reported yet as it is', () => {
    expect(judgeNode(node({ ready: 'Unknown', taints: unreachable }), heard)).toEqual([]);
  });

  it('taints a node that itself says it is not ready', () => {
    expect(judgeNode(node({ ready: 'False' }), heard)).toEqual([
      {
        do: 'set-taints',
        taints: [
          'node.kubernetes.io/not-ready:NoExecute',
          'node.kubernetes.io/not-ready:NoSchedule',
        ],
      },
    ]);
  });

  it('has nothing to do with nodes that are not at the edge', () => {
    expect(judgeNode(node({ edge: false }), silent)).toEqual([]);
  });
});

describe('what is written', () => {
  const object = {
    metadata: { labels: { 'node-role.kubernetes.io/edge': '' } },
    spec: {
      taints: [
        { key: 'mine', effect: 'NoSchedule' },
        { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
      ],
    },
    status: {
      conditions: [
        { type: 'Ready', status: 'True', lastHeartbeatTime: 'then', lastTransitionTime: 'before' },
        { type: 'NetworkUnavailable', status: 'False' },
      ],
    },
  };

  it('reads a Node', () => {
    expect(factsOf(object)).toEqual({
      edge: true,
      ready: 'True',
      taints: ['node.kubernetes.io/not-ready:NoSchedule'],
    });
    expect(factsOf({ status: { conditions: 'x' }, spec: null })).toEqual({
      edge: false,
      ready: undefined,
      taints: [],
    });
  });

  it('turns what the node vouched for Unknown, and leaves what others say', () => {
    expect(unknownConditions(object.status, 'creation', now)).toEqual([
      {
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastHeartbeatTime: 'then',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
      { type: 'NetworkUnavailable', status: 'False' },
      ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: 'creation',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      })),
    ]);
  });

  it('changes nothing the second time', () => {
    const once = unknownConditions(object.status, 'creation', now);
    expect(unknownConditions({ conditions: once }, 'creation', now + 60_000)).toEqual(once);
  });

  it('exchanges its own taints and keeps those of others', () => {
    expect(exchangeTaints(object, unreachable, now)).toEqual([
      { key: 'mine', effect: 'NoSchedule' },
      {
        key: 'node.kubernetes.io/unreachable',
        effect: 'NoExecute',
        timeAdded: '2026-01-01T00:00:00Z',
      },
      {
        key: 'node.kubernetes.io/unreachable',
        effect: 'NoSchedule',
        timeAdded: '2026-01-01T00:00:00Z',
      },
    ]);
  });

  it('takes Ready from a pod that has it', () => {
    const conditions = [
      { type: 'Initialized', status: 'True' },
      { type: 'Ready', status: 'True', lastTransitionTime: 'before' },
    ];
    expect(podNotReady({ conditions }, now)).toEqual([
      conditions[0],
      { type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ]);
    expect(podNotReady({ conditions: [{ type: 'Ready', status: 'False' }] }, now)).toBeUndefined();
    expect(podNotReady({}, now)).toBeUndefined();
  });
});
