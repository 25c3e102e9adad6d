import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { nodeName } from '@skerry/shared/names';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeMachine, FakeRuntime } from '../../runtime/testing/fake-runtime.ts';
import { PodNode, podObject } from '../testing/pod-node.ts';
import { mirrorOf, staticPods } from './static-manifest.ts';

const manifest = (image: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  containers:
    - { name: main, image: ${image} }
`;
const name = 'web-edge-1';

describe('staticPods', () => {
  it('names a pod after its node, and tells it from what the file held before', () => {
    const [first] = staticPods('web.yaml', manifest('busybox:1'), nodeName('edge-1'));
    const [second] = staticPods('web.yaml', manifest('busybox:2'), nodeName('edge-1'));
    expect(first).toMatchObject({
      metadata: {
        name,
        namespace: 'default',
        labels: { app: 'web' },
        annotations: { 'kubernetes.io/config.source': 'file' },
      },
      spec: { nodeName: 'edge-1' },
    });
    expect(first?.metadata.uid).toMatch(/^[0-9a-f]{32}$/);
    expect(first?.metadata.uid).not.toBe(second?.metadata.uid);
  });

  it('reads several documents, and JSON', () => {
    const both = `${manifest('a')}\n---\n${manifest('b').replace('web,', 'api,')}`;
    expect(staticPods('f', both, nodeName('edge-1'))).toHaveLength(2);
    const json = JSON.stringify({
      kind: 'Pod',
      metadata: { name: 'x' },
      spec: { containers: [] },
    });
    expect(staticPods('f.json', json, nodeName('edge-1'))[0]?.metadata.name).toBe('x-edge-1');
  });

  it.each(['kind: ConfigMap', '- 1', 'kind: Pod', 'kind: Pod\nspec: {containers: []}', 'a: ]'])(
    'refuses %j',
    (text) => {
      expect(() => staticPods('f', text, nodeName('edge-1'))).toThrow(/^f/);
    },
  );

  it('takes no pod of the cluster for one of a file', () => {
    const annotations = { 'kubernetes.io/config.source': 'file' };
    expect(mirrorOf(podObject({ metadata: { annotations } }))).toBeUndefined();
  });
});

describe('a node with manifests', () => {
  let clock: ManualClock;
  let machine: FakeMachine;
  let directory: string;
  let node: PodNode;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'manifests-'));
    clock = new ManualClock();
    machine = new FakeMachine(clock);
    machine.images.set('busybox:1', 'sha256:1').set('busybox:2', 'sha256:2');
    await writeFile(join(directory, 'web.yaml'), manifest('busybox:1'));
    await writeFile(join(directory, 'notes.txt'), 'no manifest');
    node = await PodNode.start({
      clock,
      open: () => Promise.resolve(new FakeRuntime(machine)),
      staticDir: directory,
    });
  });
  afterEach(async () => {
    await node[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  const until = async (is: () => boolean): Promise<void> => {
    while (!is()) await clock.advance(0);
  };
  const running = (): Promise<void> => until(() => node.status(name)?.phase === 'Running');
  const reported = (): { uid: string; gone: boolean; mirror?: object } | undefined =>
    node.podReports(name).at(-1);
  /** What the cluster shows, as the hub delivers it. */
  const shown = (more: object = {}): object => {
    const mirror = reported()?.mirror as { metadata: object };
    return {
      ...mirror,
      metadata: { ...mirror.metadata, uid: 'of-the-mirror', ...more },
      status: node.status(name),
    };
  };

  it('runs them with no cluster, and says what shows them', async () => {
    await running();
    expect(machine.find('main')?.spec.mark.pod.name).toBe(name);
    const { uid, mirror } = reported()!;
    expect(mirror).toMatchObject({
      kind: 'Pod',
      metadata: { name, annotations: { 'kubernetes.io/config.mirror': uid } },
    });
    expect(mirror).not.toHaveProperty('metadata.uid');
  });

  it('runs what a changed file says instead, and nothing when the file is gone', async () => {
    await running();
    const { uid } = reported()!;
    await writeFile(join(directory, 'web.yaml'), manifest('busybox:2'));
    await clock.advance(20_000);
    await until(() => machine.find('main')?.spec.imageId === 'sha256:2');
    await until(() => reported()?.uid !== uid && machine.containers.size === 1);
    await rm(join(directory, 'web.yaml'));
    await clock.advance(20_000);
    await until(() => machine.containers.size + machine.sandboxes.size === 0);
  });

  it('runs on with a file that is broken', async () => {
    await running();
    await writeFile(join(directory, 'web.yaml'), 'kind: [');
    await clock.advance(20_000);
    for (let turn = 0; turn < 50; turn++) await clock.advance(0);
    expect(machine.containers.size).toBe(1);
  });

  it('is not changed by what becomes of the mirror, which it asks for again', async () => {
    await running();
    const key = node.hold('pods', shown());
    for (let turn = 0; turn < 50; turn++) await clock.advance(0);
    const told = node.podReports(name).length;
    expect(machine.containers.size).toBe(1);
    node.hold('pods', shown({ deletionTimestamp: '2026-01-01T00:00:00Z' }));
    await until(() => node.podReports(name).length > told);
    node.release(key);
    await until(() => node.podReports(name).length > told + 1);
    expect(machine.find('main')?.spec.mark.attempt).toBe(0);
  });

  it('takes back a mirror whose file is gone, and runs none', async () => {
    await running();
    const mirror = shown();
    await rm(join(directory, 'web.yaml'));
    await clock.advance(20_000);
    await until(() => machine.containers.size === 0);
    node.hold('pods', mirror);
    await until(() => reported()?.gone === true);
    expect(reported()).toMatchObject({ uid: 'of-the-mirror' });
    expect(machine.containers.size).toBe(0);
  });
});
