import { describe, expect, it } from 'vitest';
import { clusterBench } from '../../testing/cluster-bench.ts';
import { podNamed } from '../../testing/pods.ts';
import { events, nodes, pods } from '../client/kinds.ts';
import type { Taint, Toleration } from '../client/objects.ts';
import { leavesAt } from './evict.ts';

const now = Date.UTC(2026, 0, 1, 1);
const key = 'node.kubernetes.io/unreachable';
const taint: Taint = { key, effect: 'NoExecute', timeAdded: '2026-01-01T00:59:00Z' };
const exists = (more: Toleration = {}): Toleration => ({ key, operator: 'Exists', ...more });

describe('leavesAt', () => {
  it.each<[string, Taint[], Toleration[], number | undefined]>([
    ['is not tainted', [], [], undefined],
    ['is only tainted for new pods', [{ key, effect: 'NoSchedule' }], [], undefined],
    ['is not tolerated', [taint], [], now],
    ['is tolerated for ever', [taint], [exists()], undefined],
    ['is tolerated for a time', [taint], [exists({ tolerationSeconds: 300 })], now + 240_000],
    ['is tolerated for no time', [taint], [exists({ tolerationSeconds: -1 })], now - 60_000],
    [
      'is tolerated for the shorter of two times',
      [taint],
      [exists({ tolerationSeconds: 300 }), { operator: 'Exists', tolerationSeconds: 90 }],
      now + 30_000,
    ],
    ['has another taint', [taint, { key: 'x', effect: 'NoExecute' }], [exists()], now],
  ])('a pod whose node %s', (_what, taints, tolerations, time) => {
    expect(leavesAt(podNamed('p', { spec: { tolerations } }), taints, now)).toBe(time);
  });
});

describe('eviction', () => {
  it('takes the pods of a lost node when they no longer tolerate it, unless it comes back', async () => {
    await using cluster = await clusterBench();
    const { bench, client } = cluster;
    for (const name of ['lost', 'back']) {
      await bench.ask('create', { resource: 'nodes', body: { metadata: { name } } });
      await bench.ask('create', {
        resource: 'pods',
        body: {
          metadata: { name },
          spec: { nodeName: name, containers: [{ name: 'c', image: 'x' }] },
        },
      });
    }
    const { clock } = bench.parts;
    const setTaints = (name: string, taints: Taint[]): Promise<unknown> =>
      client.update(nodes, { namespace: '', name }, (node) => ({ ...node, spec: { taints } }));
    const timeAdded = new Date(clock.now()).toISOString().replace('.000Z', 'Z');
    for (const name of ['lost', 'back']) await setTaints(name, [{ ...taint, timeAdded }]);
    await clock.advance(200_000);
    await cluster.restart();
    await setTaints('back', []);
    await clock.advance(90_000);
    const isLeaving = (name: string): boolean =>
      client.get(pods, { namespace: 'default', name })?.metadata.deletionTimestamp !== undefined;
    expect(isLeaving('lost')).toBe(false);
    await cluster.until(() => isLeaving('lost'));
    await clock.advance(600_000);
    expect(isLeaving('back')).toBe(false);
    expect(
      client.get(pods, { namespace: 'default', name: 'lost' })?.status?.conditions,
    ).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', reason: 'DeletionByTaintManager' }),
    );
    expect(cluster.all(events).map((event) => event['reason'])).toContain('TaintManagerEviction');
  });
});
