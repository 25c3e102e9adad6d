import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../json.ts';
import { longestGraceSeconds } from '../kinds/pod.ts';
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
    expect(removal(object, { graceSeconds: 10 }, rules.pod, context)).toEqual({
      do: 'put',
      object,
    });
    expect(object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:10Z',
      deletionGracePeriodSeconds: 10,
      generation: 2,
    });
  });

  it('gives a pod 30 seconds when nobody says otherwise', () => {
    const object = pod();
    removal(object, {}, rules.pod, context);
    expect(object.metadata.deletionGracePeriodSeconds).toBe(30);
  });

  it('gives a pod no more time than can be written, and can shorten that', () => {
    const object = pod();
    removal(object, { graceSeconds: Number.MAX_SAFE_INTEGER }, rules.pod, context);
    expect(object.metadata.deletionGracePeriodSeconds).toBe(longestGraceSeconds);
    removal(object, { graceSeconds: 5 }, rules.pod, context);
    expect(object.metadata.deletionTimestamp).toBe('2026-01-01T00:00:05Z');
  });

  it('removes a pod at once that was never bound, or without grace', () => {
    expect(removal(pod({}, ''), { graceSeconds: 30 }, rules.pod, context).do).toBe('remove');
    expect(removal(pod(), { graceSeconds: 0 }, rules.pod, context).do).toBe('remove');
  });

  it('removes a pod at once that has ended', () => {
    const object = { ...pod(), status: { phase: 'Succeeded' } };
    expect(removal(object, {}, rules.pod, context).do).toBe('remove');
  });

  it('only shortens a deletion under way', () => {
    const deleting = { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 };
    expect(removal(pod(deleting), {}, rules.pod, context).do).toBe('keep');
    expect(removal(pod(deleting), { graceSeconds: 60 }, rules.pod, context).do).toBe('keep');
    const object = pod(deleting);
    expect(removal(object, { graceSeconds: 5 }, rules.pod, context).do).toBe('put');
    expect(object.metadata.deletionTimestamp).toBe('2026-01-01T00:00:05Z');
    expect(removal(pod(deleting), { graceSeconds: 0 }, rules.pod, context).do).toBe('remove');
  });

  it('waits for finalizers, whatever the grace', () => {
    const held = pod({ finalizers: ['example.com/hold'] });
    expect(removal(held, { graceSeconds: 0 }, rules.pod, context).do).toBe('put');
    expect(removal(held, { graceSeconds: 0 }, rules.pod, context).do).toBe('keep');
    const other = pod({ finalizers: ['example.com/hold'] });
    expect(removal(other, {}, rules.other, context).do).toBe('put');
    expect(other.metadata.deletionGracePeriodSeconds).toBe(0);
  });

  it('leaves the last state of other kinds unmarked', () => {
    const object = pod();
    expect(removal(object, {}, rules.other, context)).toEqual({ do: 'remove', object });
    expect(object.metadata.deletionTimestamp).toBeUndefined();
  });

  it.each([
    ['Orphan', ['orphan']],
    ['Foreground', ['foregroundDeletion']],
  ] as const)('holds an owner back for its dependents: %s', (propagation, finalizers) => {
    const object = pod();
    expect(removal(object, { propagation }, rules.other, context).do).toBe('put');
    expect(object.metadata.finalizers).toEqual(finalizers);
    expect(removal(object, {}, rules.other, context).do).toBe('keep');
    expect(removal(object, { propagation: 'Background' }, rules.other, context).do).toBe('remove');
  });

  it('lets the last word count, and keeps the finalizers of others', () => {
    const object = pod({ finalizers: ['example.com/hold', 'orphan'] });
    expect(removal(object, {}, rules.other, context).do).toBe('put');
    expect(object.metadata.finalizers).toEqual(['example.com/hold', 'orphan']);
    removal(object, { propagation: 'Foreground' }, rules.other, context);
    expect(object.metadata.finalizers).toEqual(['example.com/hold', 'foregroundDeletion']);
  });

  it('keeps the pods of a job unless somebody says otherwise', () => {
    const jobRules = rulesOf({ storage: 'jobs.batch' });
    expect(removal(pod(), {}, jobRules, context).do).toBe('put');
    expect(removal(pod(), { propagation: 'Background' }, jobRules, context).do).toBe('remove');
  });
});
