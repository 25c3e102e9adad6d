import type { ReportOutcome } from '@skerry/shared/delivery/report';
import { objectKey, type NodeName } from '@skerry/shared/names';
import { beforeEach, describe, expect, it } from 'vitest';
import { silences } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { CurrentObjects } from './current-objects.ts';
import { silenceWriter } from './silence-writer.ts';

const edge1 = 'edge-1' as NodeName;
const key = objectKey(silences.name, '', 'quiet');
const spec = { matchLabels: { device: 'pump' }, endsAt: '2100-01-01T00:00:00Z', comment: '' };

let kube: FakeKube;
beforeEach(() => {
  kube = new FakeKube();
});

function report(payload: unknown, node = edge1): Promise<ReportOutcome> {
  const current = new CurrentObjects(kube, { find: () => undefined });
  const { signal } = new AbortController();
  return silenceWriter({ api: kube, current })({ node, key, payload }, signal);
}

describe('a silence that was made at a node', () => {
  it('is made in the cluster for this node alone, once', async () => {
    const greedy = { ...spec, nodeSelector: {}, nodeName: 'edge-2' };
    expect(await report({ spec: greedy })).toEqual({ do: 'accepted' });
    expect(await report({ spec })).toEqual({ do: 'accepted' });
    expect(kube.read(key)).toMatchObject({ spec: { ...spec, nodeName: 'edge-1' } });
    expect(kube.read(key)?.metadata['annotations']).toEqual({ 'edge.skerry.io/made-at': 'edge-1' });
    expect(kube.calls.filter(({ call }) => call === 'patch')).toEqual([]);
  });

  it('is ended by that node, also twice', async () => {
    await report({ spec });
    expect(await report({ gone: true }, 'edge-2' as NodeName)).toMatchObject({ do: 'refused' });
    expect(kube.read(key)).toBeDefined();
    expect(await report({ gone: true })).toEqual({ do: 'accepted' });
    expect(await report({ gone: true })).toEqual({ do: 'accepted' });
    expect(kube.read(key)).toBeUndefined();
  });

  it('gives way to one of the cluster that bears its name', async () => {
    kube.put(silences, { metadata: { name: 'quiet' }, spec: { nodeSelector: {} } });
    expect(await report({ spec })).toEqual({
      do: 'refused',
      code: 'upstream.conflict',
      reason: `the cluster has ${key}, which was not made at edge-1, and keeps it`,
    });
    expect(kube.read(key)?.['spec']).toEqual({ nodeSelector: {} });
  });
});
