import { describe, expect, it } from 'vitest';
import { offlinePolicyOf, stoppedOfflineAt } from './offline-policy.ts';
import type { PodObject } from './pod.ts';
import { podObject } from './testing/pod-node.ts';

const saying = (policy?: string): PodObject =>
  podObject(
    policy === undefined
      ? {}
      : { metadata: { annotations: { 'edge.skerry.io/offline-policy': policy } } },
  );

describe('the offline policy', () => {
  it.each([
    [undefined, { do: 'keep' }],
    ['keep', { do: 'keep' }],
    ['stop-after: 10m', { do: 'stop-after', ms: 600_000 }],
    ['stop-after:0', { do: 'stop-after', ms: 0 }],
    ['stop-after', undefined],
    ['stop-after: soon', undefined],
    ['drop', undefined],
  ])('%s is %j', (said, policy) => {
    expect(offlinePolicyOf(saying(said))).toEqual(policy);
  });

  it('counts from the moment at which the node was cut off', () => {
    expect(stoppedOfflineAt(saying('stop-after: 10m'), 1_000)).toBe(601_000);
    expect(stoppedOfflineAt(saying('stop-after: 10m'), undefined)).toBeUndefined();
    expect(stoppedOfflineAt(saying('keep'), 1_000)).toBeUndefined();
    expect(stoppedOfflineAt(saying('nonsense'), 1_000)).toBeUndefined();
  });
});
