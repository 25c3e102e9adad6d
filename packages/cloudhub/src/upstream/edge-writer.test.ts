import type { ReportOutcome } from '@skerry/shared/delivery/report';
import { writeKey, type EdgeWrite } from '@skerry/shared/edge-write';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { beforeEach, describe, expect, it } from 'vitest';
import { configMaps, nodes, pods } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { CurrentObjects } from './current-objects.ts';
import { edgeWriter } from './edge-writer.ts';

const edge1 = 'edge-1' as NodeName;
const web = 'pods/default/web' as ObjectKey;

let kube: FakeKube;
let uid: string;

beforeEach(() => {
  kube = new FakeKube();
  const metadata = { name: 'web', namespace: 'default', labels: { site: 'south', app: 'web' } };
  uid = kube.put(pods, { metadata, spec: { nodeName: 'edge-1' } }).metadata.uid ?? '';
});

function report(write: Partial<EdgeWrite>, node = edge1): Promise<ReportOutcome> {
  const placement = {
    find: (key: ObjectKey): unknown => kube.read(key),
    isPlaced: (to: NodeName): boolean => to === edge1,
  };
  const current = new CurrentObjects(kube, { find: () => undefined });
  const payload = { object: web, uid, labels: {}, annotations: {}, ...write };
  const submission = { node, key: writeKey(payload.object), payload };
  const { signal } = new AbortController();
  return edgeWriter({ api: kube, current, placement })(submission, signal);
}

const labels = (): unknown => kube.read(web)?.metadata['labels'];

describe('what was written at a node', () => {
  it('is written where nobody in the cluster wrote meanwhile, and once only', async () => {
    const wishes = { site: { to: 'north', over: 'south' }, app: { to: null, over: 'web' } };
    expect(await report({ labels: wishes })).toEqual({ do: 'accepted' });
    expect(labels()).toEqual({ site: 'north' });
    const before = kube.calls.length;
    expect(await report({ labels: wishes })).toEqual({ do: 'accepted' });
    expect(kube.calls.slice(before).map(({ call }) => call)).not.toContain('patch');
  });

  it('gives way where somebody did, label by label, and says so', async () => {
    const wishes = { site: { to: 'north', over: 'east' }, shelf: { to: '3', over: null } };
    expect(await report({ labels: wishes })).toEqual({
      do: 'refused',
      code: 'upstream.conflict',
      reason:
        'written in the cluster meanwhile, which stays: labels/site: "south" in the cluster, not "north"',
    });
    expect(labels()).toEqual({ site: 'south', app: 'web', shelf: '3' });
  });

  it('never steers the cluster, whatever a node says', async () => {
    const wishes = { 'node.kubernetes.io/x': { to: 'y', over: null } };
    expect(await report({ annotations: wishes })).toMatchObject({ do: 'refused' });
    expect(kube.read(web)?.metadata['annotations']).toBeUndefined();
  });

  it('is refused of what is not placed on the node, or not of the kinds that may be written', async () => {
    const wishes = { a: { to: 'b', over: null } };
    const code = async (write: Partial<EdgeWrite>, node = edge1): Promise<unknown> => {
      const outcome = await report(write, node);
      return outcome.do === 'refused' ? outcome.code : outcome.do;
    };
    expect(await code({ labels: wishes }, 'edge-2' as NodeName)).toBe('upstream.forbidden');
    expect(await code({ labels: wishes, uid: 'other' })).toBe('upstream.not-found');
    kube.put(nodes, { metadata: { name: 'edge-1' } });
    expect(await code({ object: 'nodes//edge-1' as ObjectKey })).toBe('upstream.unsupported');
    kube.put(configMaps, { metadata: { name: 'site', namespace: 'default' } });
    const object = 'configmaps/default/site' as ObjectKey;
    expect(await code({ object, deletion: { ended: true } })).toBe('upstream.unsupported');
    expect(kube.read(object)).toBeDefined();
  });

  it('ends a pod, at once when its containers have ended, and no other that bears its name', async () => {
    expect(await report({ deletion: { ended: false, graceSeconds: 5 } })).toEqual({
      do: 'accepted',
    });
    expect(await report({ deletion: { ended: true } })).toEqual({ do: 'accepted' });
    expect(kube.read(web)).toBeUndefined();
    expect(await report({ deletion: { ended: true } })).toEqual({ do: 'accepted' });
    kube.put(pods, { metadata: { name: 'web', namespace: 'default' } });
    expect(await report({ deletion: { ended: true } })).toEqual({ do: 'accepted' });
    expect(kube.read(web)).toBeDefined();
  });
});
