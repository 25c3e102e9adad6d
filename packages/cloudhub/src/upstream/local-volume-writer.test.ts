import {
  localDataFinalizer,
  localProvisioner,
  onlyOn,
  provisionedBy,
} from '@skerry/shared/kube/local-volumes';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { beforeEach, describe, expect, it } from 'vitest';
import { persistentVolumes } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { Placement } from '../route/placement.ts';
import { CurrentObjects } from './current-objects.ts';
import { localVolumeWriter } from './local-volume-writer.ts';
import type { ReportWriter } from './report-writer.ts';

const key = 'persistentvolumes//pvc-1' as ObjectKey;
const { signal } = new AbortController();

let kube: FakeKube;

beforeEach(() => {
  kube = new FakeKube();
});

function put(more: object = {}): string {
  kube.put(persistentVolumes, {
    metadata: {
      name: 'pvc-1',
      annotations: { [provisionedBy]: localProvisioner },
      deletionTimestamp: '2026-01-01T00:00:00Z',
      finalizers: [localDataFinalizer, 'example.com/other'],
      ...more,
    },
    spec: { nodeAffinity: onlyOn('edge-1') },
  });
  return kube.read(key)?.metadata.uid ?? '';
}

function report(payload: object, node = 'edge-1'): ReturnType<ReportWriter> {
  const current = new CurrentObjects(kube, new Placement([persistentVolumes.name]));
  const write = localVolumeWriter({ api: kube, current });
  return write({ node: node as NodeName, key, payload }, signal);
}

describe('localVolumeWriter', () => {
  it('lets a deleted volume go when its node has removed what was in it', async () => {
    const uid = put();
    expect(await report({ uid, removed: true })).toEqual({ do: 'accepted' });
    expect(kube.read(key)?.metadata).toMatchObject({ finalizers: ['example.com/other'] });
    expect(await report({ uid, removed: true })).toEqual({ do: 'accepted' });
  });

  it('refuses to let go of what nobody has deleted', async () => {
    const uid = put({ deletionTimestamp: undefined });
    const outcome = await report({ uid, removed: true });
    expect(outcome).toMatchObject({ do: 'refused', code: 'upstream.malformed' });
  });

  it('refuses another node, a volume that is gone, and what is no such report', async () => {
    const uid = put();
    expect(await report({ uid, removed: true }, 'edge-2')).toMatchObject({
      code: 'upstream.forbidden',
    });
    expect(await report({ uid: 'earlier', removed: true })).toMatchObject({
      code: 'upstream.not-found',
    });
    expect(await report({ uid })).toMatchObject({ code: 'upstream.malformed' });
  });
});
