import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../json.ts';
import { rulesOf } from '../kinds/rules-of.ts';
import { removal } from './removal.ts';

const context = {
  clock: new ManualClock(Date.UTC(2026, 0, 1)),
  find: () => undefined,
  list: () => [],
};
const rules = { pod: rulesOf({ storage: 'pods' }), other: rulesOf({ storage: 'configmaps' }) };

function pod(more: Partial<KubeObject['metadata']> = {}, nodeName = 'edge-1'): KubeObject {
  const metadata = { name: 'p', namespace: 'default', generation: 1, ...more };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName }, status: {} };
}

describe('removal', () => {
  it('marks a bound pod for its node to end', () => {
    const object = pod();
    expect(removal(object, 10, rules.pod, context)).toEqual({ do: 'put', object });
    expect(object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:10Z',
      deletionGracePeriodSeconds: 10,
      generation: 2,
    });
  });

  it('gives a pod 30 seconds when nobody says otherwise', () => {
    const object = pod();
    removal(object, undefined, rules.pod, context);
    expect(object.metadata.deletionGracePeriodSeconds).toBe(30);
  });

  it('removes a pod at once that was never bound, or without grace', () => {
    expect(removal(pod({}, ''), 30, rules.pod, context).do).toBe('remove');
    expect(removal(pod(), 0, rules.pod, context).do).toBe('remove');
  });

  it('removes a pod at once that has ended', () => {
    const object = { ...pod(), status: { phase: 'Succeeded' } };
    expect(removal(object, undefined, rules.pod, context).do).toBe('remove');
  });

  it('only shortens a deletion under way', () => {
    const deleting = { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 };
    expect(removal(pod(deleting), undefined, rules.pod, context).do).toBe('keep');
    expect(removal(pod(deleting), 60, rules.pod, context).do).toBe('keep');
    const object = pod(deleting);
    expect(removal(object, 5, rules.pod, context).do).toBe('put');
    expect(object.metadata.deletionTimestamp).toBe('2026-01-01T00:00:05Z');
    expect(removal(pod(deleting), 0, rules.pod, context).do).toBe('remove');
  });

  it('waits for finalizers, whatever the grace', () => {
    const held = pod({ finalizers: ['example.com/hold'] });
    expect(removal(held, 0, rules.pod, context).do).toBe('put');
    expect(removal(held, 0, rules.pod, context).do).toBe('keep');
    const other = pod({ finalizers: ['example.com/hold'] });
    expect(removal(other, undefined, rules.other, context).do).toBe('put');
    expect(other.metadata.deletionGracePeriodSeconds).toBe(0);
  });

  it('leaves the last state of other kinds unmarked', () => {
    const object = pod();
    expect(removal(object, undefined, rules.other, context)).toEqual({ do: 'remove', object });
    expect(object.metadata.deletionTimestamp).toBeUndefined();
  });
});
