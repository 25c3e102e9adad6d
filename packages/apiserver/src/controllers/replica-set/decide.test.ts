import { describe, expect, it } from 'vitest';
import { podNamed, readySince } from '../../testing/pods.ts';
import type { ReplicaSet } from '../client/kinds.ts';
import { planReplicas, replicaSetStatus } from './decide.ts';

const now = Date.UTC(2026, 0, 1, 1);
const running = { phase: 'Running' };
const early = readySince('2026-01-01T00:00:00Z');

describe('planReplicas', () => {
  it('makes what is missing, not counting pods that have ended or are ending', () => {
    const pods = [
      podNamed('a', { status: running }),
      podNamed('failed', { status: { phase: 'Failed' } }),
      podNamed('ending', { deleted: true }),
    ];
    expect(planReplicas(3, pods)).toEqual({ create: 2, remove: [] });
    expect(planReplicas(1, pods)).toEqual({ create: 0, remove: [] });
  });

  it.each([
    ['one without a node', { spec: {} }, { spec: { nodeName: 'n' } }],
    ['one that is pending', { status: { phase: 'Pending' } }, { status: running }],
    ['one that is not ready', { status: running }, { status: early }],
    [
      'the cheap one',
      { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } },
      { annotations: {} },
    ],
    [
      'the one that was ready last',
      { status: readySince('2026-01-01T00:30:00Z') },
      { status: early },
    ],
    [
      'the one that restarted most',
      { status: { ...running, containerStatuses: [{ name: 'c', restartCount: 3 }] } },
      { status: running },
    ],
    ['the youngest', { created: '2026-01-01T00:30:00Z' }, { created: '2026-01-01T00:00:00Z' }],
  ])('takes first %s', (_which, goes, stays) => {
    const pods = [podNamed('stays', stays), podNamed('goes', goes)];
    expect(planReplicas(1, pods).remove.map(({ metadata }) => metadata.name)).toEqual(['goes']);
  });

  it('takes from the most crowded node', () => {
    const on = (nodeName: string): object => ({ spec: { nodeName } });
    const pods = [podNamed('alone', on('b')), podNamed('x', on('a')), podNamed('y', on('a'))];
    expect(planReplicas(2, pods).remove.map(({ spec }) => spec.nodeName)).toEqual(['a']);
  });
});

describe('replicaSetStatus', () => {
  const set: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 's', namespace: 'default', uid: 's', creationTimestamp: '', generation: 3 },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'x' } },
      template: { metadata: { labels: { app: 'x', tier: 'y' } }, spec: { containers: [] } },
      minReadySeconds: 60,
    },
  };

  it('counts what is ready for long enough as available', () => {
    const labels = { app: 'x', tier: 'y' };
    const pods = [
      podNamed('a', { status: early, labels }),
      podNamed('b', { status: readySince('2026-01-01T00:59:30Z'), labels: { app: 'x' } }),
    ];
    expect(replicaSetStatus(set, pods, undefined, now)).toEqual({
      replicas: 2,
      fullyLabeledReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 1,
      observedGeneration: 3,
    });
  });

  it('says why no pods could be made, and no longer than that is so', () => {
    const failure = { reason: 'FailedCreate', message: 'no' } as const;
    const failed = replicaSetStatus(set, [], failure, now);
    expect(failed.conditions).toEqual([
      {
        type: 'ReplicaFailure',
        status: 'True',
        ...failure,
        lastTransitionTime: '2026-01-01T01:00:00Z',
      },
    ]);
    const again = { ...failure, message: 'no to another pod' };
    expect(replicaSetStatus({ ...set, status: failed }, [], again, now + 1000)).toEqual(failed);
    const mended = replicaSetStatus({ ...set, status: failed }, [], undefined, now);
    expect(mended).toEqual({ replicas: 0, observedGeneration: 3 });
  });
});
