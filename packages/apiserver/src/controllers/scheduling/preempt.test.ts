import { describe, expect, it } from 'vitest';
import { nodeNamed, podNamed } from '../../testing/pods.ts';
import type { PodSpec } from '../client/objects.ts';
import { nodeState, placedPod, wantingPod, withPods, type ClusterState } from './facts.ts';
import { preempt } from './preempt.ts';

/** Nodes with 4 CPUs, and on each of them pods by priority and CPUs. */
function clusterOf(pods: Readonly<Record<string, readonly [number, string][]>>): ClusterState {
  const nodes = Object.entries(pods).map(([name, some]) => {
    const here = some.map(([priority, cpu], at) =>
      podNamed(`${name}${at}`, { spec: asking(priority, cpu, { nodeName: name }) }),
    );
    return withPods(
      nodeState(nodeNamed(name)),
      here.flatMap((pod) => placedPod(pod) ?? []),
    );
  });
  return { nodes, namespaceLabels: new Map([['default', {}]]) };
}

function asking(priority: number, cpu: string, more: Partial<PodSpec> = {}): Partial<PodSpec> {
  return { priority, containers: [{ name: 'c', resources: { requests: { cpu } } }], ...more };
}

function chosen(spec: Partial<PodSpec>, state: ClusterState): string {
  const found = preempt(wantingPod(podNamed('p', { spec })), state);
  return found ? `${found.node}: ${found.victims.map(({ name }) => name).join(' ')}` : 'nobody';
}

describe('a preemption', () => {
  it.each<[string, Parameters<typeof clusterOf>[0], string]>([
    [
      'spares those that need not go',
      {
        a: [
          [1, '3'],
          [2, '1'],
        ],
      },
      'a: a0',
    ],
    [
      'spares the more important of two',
      {
        a: [
          [1, '2'],
          [2, '2'],
        ],
      },
      'a: a0',
    ],
    [
      'takes several when one is not enough',
      {
        a: [
          [3, '1'],
          [1, '1'],
          [2, '2'],
        ],
      },
      'a: a2',
    ],
    ['harms the least important', { a: [[5, '4']], b: [[2, '4']] }, 'b: b0'],
    [
      'harms the fewest of the same',
      {
        a: [
          [1, '2'],
          [1, '2'],
        ],
        b: [[1, '4']],
      },
      'a: a1',
    ],
    [
      'needs room that lower ones have',
      {
        a: [
          [10, '3'],
          [1, '1'],
        ],
      },
      'nobody',
    ],
    ['leaves its equals alone', { a: [[10, '4']] }, 'nobody'],
  ])('%s', (_what, pods, expected) => {
    expect(chosen(asking(10, '2'), clusterOf(pods))).toBe(expected);
  });

  it('is for nobody that does not want it', () => {
    const spec = asking(10, '2', { preemptionPolicy: 'Never' });
    expect(chosen(spec, clusterOf({ a: [[1, '4']] }))).toBe('nobody');
  });

  it('does not help where the node itself is the reason', () => {
    const spec = asking(10, '2', { nodeSelector: { zone: 'elsewhere' } });
    expect(chosen(spec, clusterOf({ a: [[1, '4']] }))).toBe('nobody');
  });
});
