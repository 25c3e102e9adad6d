import { describe, expect, it } from 'vitest';
import { podNamed } from '../../testing/pods.ts';
import { judgeDependent, partingOf, type OwnerState } from './judge.ts';

const owners = (...states: OwnerState[]): { uid: string; state: OwnerState }[] =>
  states.map((state, index) => ({ uid: `${state}-${index}`, state }));

describe('judgeDependent', () => {
  it.each([
    ['has its owner', owners('solid'), { do: 'keep' }],
    ['has no owner at all', owners(), { do: 'keep' }],
    [
      'has lost one of two',
      owners('solid', 'dangling'),
      { do: 'forget-owners', uids: ['dangling-1'] },
    ],
    [
      'is no longer waited for',
      owners('solid', 'waiting'),
      { do: 'forget-owners', uids: ['waiting-1'] },
    ],
    ['has lost all', owners('dangling', 'dangling'), { do: 'delete', propagation: 'Background' }],
    ['is waited for', owners('waiting'), { do: 'delete', propagation: 'Background' }],
  ] as const)('an object that %s', (_how, states, verdict) => {
    expect(judgeDependent(podNamed('p'), states, false)).toEqual(verdict);
  });

  it('makes what blocks a waiting owner wait for its own dependents', () => {
    expect(judgeDependent(podNamed('p'), owners('waiting'), true)).toEqual({
      do: 'delete',
      propagation: 'Foreground',
    });
  });

  it('leaves what is being deleted alone', () => {
    expect(judgeDependent(podNamed('p', { deleted: true }), owners('dangling'), false)).toEqual({
      do: 'keep',
    });
  });
});

describe('partingOf', () => {
  it.each([
    [false, ['orphan'], 'nothing'],
    [true, [], 'nothing'],
    [true, ['orphan'], 'orphans'],
    [true, ['foregroundDeletion'], 'dependents'],
  ])('deleted %s with %j: %s', (deleted, finalizers, parting) => {
    const pod = podNamed('p', { deleted });
    pod.metadata.finalizers = finalizers;
    expect(partingOf(pod)).toBe(parting);
  });
});
