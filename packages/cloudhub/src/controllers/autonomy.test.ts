import { describe, expect, it } from 'vitest';
import { autonomyOfNode, autonomyPatch, type Autonomy } from './autonomy.ts';

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';
const tolerates = (key: string, tolerationSeconds?: number): Record<string, unknown> => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds !== undefined && { tolerationSeconds }),
});
const asAdmitted = [tolerates(notReady, 300), tolerates(unreachable, 300)];

function pod(tolerations: readonly object[], annotations: object = {}, more: object = {}): object {
  return { metadata: { resourceVersion: '7', annotations, ...more }, spec: { tolerations } };
}

const written = (object: object, ofNode: Autonomy = 'forever'): unknown =>
  autonomyPatch(object, ofNode)?.spec.tolerations;

describe('autonomyPatch', () => {
  it('lets a pod stay for ever where nothing is said', () => {
    expect(autonomyPatch(pod(asAdmitted), 'forever')).toEqual({
      metadata: {
        resourceVersion: '7',
        annotations: { 'edge.skerry.io/autonomy-applied': 'forever' },
      },
      spec: { tolerations: [tolerates(notReady), tolerates(unreachable)] },
    });
    expect(written(pod([]))).toEqual([tolerates(notReady), tolerates(unreachable)]);
  });

  it('does so once', () => {
    const done = pod([tolerates(notReady), tolerates(unreachable)], {
      'edge.skerry.io/autonomy-applied': 'forever',
    });
    expect(written(done)).toBeUndefined();
  });

  it('follows the Node, also when that changes its mind', () => {
    expect(written(pod(asAdmitted), 600)).toEqual([
      tolerates(notReady, 600),
      tolerates(unreachable, 600),
    ]);
    const applied = pod([tolerates(notReady, 600), tolerates(unreachable, 600)], {
      'edge.skerry.io/autonomy-applied': '600',
    });
    expect(written(applied, 'forever')).toEqual([tolerates(notReady), tolerates(unreachable)]);
  });

  it('leaves a time that the user chose, and what else the pod tolerates', () => {
    const own = [{ key: 'mine', operator: 'Exists' }, tolerates(unreachable, 60)];
    expect(written(pod(own))).toEqual([...own, tolerates(notReady)]);
    expect(written(pod([{ operator: 'Exists' }]))).toBeUndefined();
  });

  it('does what the pod itself says, whatever the Node says', () => {
    const says = { 'edge.skerry.io/autonomy': '1m' };
    expect(written(pod([tolerates(unreachable, 10)], says))).toEqual([
      tolerates(unreachable, 60),
      tolerates(notReady, 60),
    ]);
  });

  it('takes what it does not understand for nothing said', () => {
    const says = { 'edge.skerry.io/autonomy': 'a while' };
    expect(written(pod(asAdmitted, says), 600)).toEqual([
      tolerates(notReady, 600),
      tolerates(unreachable, 600),
    ]);
  });

  it('leaves mirror pods and pods that are being deleted', () => {
    expect(written(pod(asAdmitted, { 'kubernetes.io/config.mirror': 'x' }))).toBeUndefined();
    expect(written(pod(asAdmitted, {}, { deletionTimestamp: 'now' }))).toBeUndefined();
  });
});

describe('autonomyOfNode', () => {
  const labels = { 'node-role.kubernetes.io/edge': '' };

  it.each([
    [{ labels }, 'forever'],
    [{ labels, annotations: { 'edge.skerry.io/autonomy': '12h' } }, 43_200],
    [{ labels, annotations: { 'edge.skerry.io/autonomy': 'forever' } }, 'forever'],
    [{}, undefined],
  ])('of %j is %s', (metadata, autonomy) => {
    expect(autonomyOfNode({ metadata })).toBe(autonomy);
  });
});
