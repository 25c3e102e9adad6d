import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { pods } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { CurrentObjects } from './current-objects.ts';
import { podStatusWriter } from './pod-status-writer.ts';
import type { ReportWriter } from './report-writer.ts';
import { StatusWriter } from './status-writer.ts';

const node = 'edge-1' as NodeName;
const key = 'pods/default/web-edge-1' as ObjectKey;
const { signal } = new AbortController();

describe('the mirror of a static pod', () => {
  let kube: FakeKube;
  let write: ReportWriter;

  const mirrorOf = (hash: string, spec: object = {}): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-edge-1',
      namespace: 'default',
      uid: `made-${hash}`,
      annotations: { 'kubernetes.io/config.mirror': hash },
    },
    spec: { nodeName: node, containers: [{ name: 'main', image: 'a' }], ...spec },
  });
  const report = (mirror: object | undefined, more: object = {}): ReturnType<ReportWriter> => {
    const payload = { uid: 'static', status: { phase: 'Running' }, ...more, mirror };
    return write({ node, key, payload }, signal);
  };

  beforeEach(() => {
    kube = new FakeKube();
    const current = new CurrentObjects(kube, { find: () => undefined });
    const statuses = new StatusWriter(kube, current);
    write = podStatusWriter({ api: kube, current, statuses, clock: new ManualClock() });
  });

  it('is made, shows the status, and is left alone while it is as it should be', async () => {
    expect(await report(mirrorOf('1'))).toEqual({ do: 'accepted' });
    expect(kube.read(key)).toMatchObject({
      metadata: { annotations: { 'kubernetes.io/config.mirror': '1' } },
      status: { phase: 'Running' },
    });
    const { uid } = kube.read(key)!.metadata;
    await report(mirrorOf('1'), { status: { phase: 'Failed' } });
    expect(kube.read(key)).toMatchObject({ metadata: { uid }, status: { phase: 'Failed' } });
  });

  it('is made anew for another file, and when somebody deletes it', async () => {
    await report(mirrorOf('1'));
    await report(mirrorOf('2'));
    expect(kube.read(key)?.metadata['annotations']).toEqual({ 'kubernetes.io/config.mirror': '2' });
    await kube.delete(pods, key, {});
    expect(kube.read(key)?.metadata.deletionTimestamp).toBeDefined();
    await report(mirrorOf('2'));
    expect(kube.read(key)?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('goes when its node says so', async () => {
    await report(mirrorOf('1'));
    const { uid } = kube.read(key)!.metadata;
    expect(await report(undefined, { uid, gone: true })).toEqual({ do: 'accepted' });
    expect(kube.read(key)).toBeUndefined();
  });

  it('never takes the place of another pod', async () => {
    const spec = { nodeName: node, containers: [] };
    kube.put(pods, { metadata: { name: 'web-edge-1', namespace: 'default', uid: 'u' }, spec });
    expect(await report(mirrorOf('1'))).toMatchObject({ code: 'upstream.forbidden' });
    expect(kube.read(key)?.metadata.uid).toBe('u');
  });

  it.each([
    ['of another node', { nodeName: 'edge-2' }],
    ['with a Secret', { volumes: [{ name: 'v', secret: { secretName: 's' } }] }],
    ['with a claim', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }],
    ['with a service account', { serviceAccountName: 'admin' }],
    ['with pull secrets', { imagePullSecrets: [{ name: 's' }] }],
  ])('is refused %s', async (_what, spec) => {
    expect(await report(mirrorOf('1', spec))).toMatchObject({ code: 'upstream.forbidden' });
    expect(kube.read(key)).toBeUndefined();
  });
});
