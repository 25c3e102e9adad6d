import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodes, pods } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { CurrentObjects } from '../upstream/current-objects.ts';
import { reflectKube } from '../watch/testing/reflect-kube.ts';
import { AutonomyKeeper } from './run-autonomy.ts';

const labels = { 'node-role.kubernetes.io/edge': '' };

let kube: FakeKube;
let clock: ManualClock;
let stop: AbortController;
let running: Promise<unknown>;

beforeEach(() => {
  kube = new FakeKube();
  clock = new ManualClock();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await running;
});

function start(): void {
  const { placement, run } = reflectKube(kube, clock, (news) => keeper.offer(news));
  const current = new CurrentObjects(kube, placement);
  const shared = { placement, clock, log: silentLog, metrics: noMetrics };
  const keeper = new AutonomyKeeper({ ...shared, api: kube, current });
  running = Promise.all([keeper.run(stop.signal), run(stop.signal)]);
}

function putNode(name: string, autonomy?: string, more: object = { labels }): void {
  const annotations = autonomy === undefined ? {} : { 'edge.skerry.io/autonomy': autonomy };
  kube.put(nodes, { metadata: { name, annotations, ...more } });
}

function putPod(name: string, nodeName: string): void {
  kube.put(pods, {
    metadata: { name, namespace: 'default', generation: 1 },
    spec: { nodeName, tolerations: [] },
  });
}

const tolerated = (name: string): unknown =>
  (
    (kube.read(`pods/default/${name}`)?.spec?.['tolerations'] ?? []) as {
      readonly tolerationSeconds?: number;
    }[]
  ).map(({ tolerationSeconds }) => tolerationSeconds ?? 'forever');
const writes = (): number => kube.calls.filter(({ call }) => call === 'patch').length;

describe('AutonomyKeeper', () => {
  it('lets the pods of edge nodes stay, and writes each once', async () => {
    putNode('edge-1');
    putNode('cloud-1', undefined, {});
    putPod('web', 'edge-1');
    putPod('api', 'cloud-1');
    start();
    await clock.advance(10_000);
    expect(tolerated('web')).toEqual(['forever', 'forever']);
    expect(tolerated('api')).toEqual([]);
    putPod('late', 'edge-1');
    await clock.advance(10_000);
    expect(tolerated('late')).toEqual(['forever', 'forever']);
    await clock.advance(600_000);
    expect(writes()).toBe(2);
  });

  it('follows a Node that changes its mind, and one that is made after its pods', async () => {
    putPod('web', 'edge-1');
    start();
    await clock.advance(10_000);
    expect(tolerated('web')).toEqual([]);
    putNode('edge-1', '10m');
    await clock.advance(10_000);
    expect(tolerated('web')).toEqual([600, 600]);
    putNode('edge-1', 'forever');
    await clock.advance(10_000);
    expect(tolerated('web')).toEqual(['forever', 'forever']);
  });
});
