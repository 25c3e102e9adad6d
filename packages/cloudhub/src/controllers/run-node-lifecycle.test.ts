import { kubeMicroTime } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../kube/kube-errors.ts';
import { leases, nodes, pods } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { CurrentObjects } from '../upstream/current-objects.ts';
import { reflectKube } from '../watch/testing/reflect-kube.ts';
import { nodeMonitorPeriodMs, runNodeLifecycle } from './run-node-lifecycle.ts';

const graceMs = 40_000;
const labels = { 'node-role.kubernetes.io/edge': '' };
const conditions = [{ type: 'Ready', status: 'True' }];

let kube: FakeKube;
let clock: ManualClock;
let stop: AbortController;
let running: Promise<unknown>;
let heardAt: number | undefined;
let renewTime: string | undefined;

beforeEach(() => {
  kube = new FakeKube();
  clock = new ManualClock();
  heardAt = undefined;
  renewTime = undefined;
  kube.put(nodes, { metadata: { name: 'edge-1', labels }, status: { conditions } });
  kube.put(pods, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { nodeName: 'edge-1' },
    status: { phase: 'Running', conditions },
  });
  stop = new AbortController();
  running = startHub();
});
afterEach(async () => {
  stop.abort();
  await running;
});

function startHub(): Promise<unknown> {
  const { placement, run } = reflectKube(kube, clock);
  return Promise.all([
    run(stop.signal),
    runNodeLifecycle(
      {
        ...{ placement, clock, log: silentLog, metrics: noMetrics },
        api: kube,
        current: new CurrentObjects(kube, placement),
        beats: { seenAt: () => heardAt, renewTimeOf: () => renewTime },
        graceMs,
      },
      stop.signal,
    ),
  ]);
}

function beat(): void {
  heardAt = clock.monotonic();
}

const readyOf = (key: string): unknown =>
  (kube.read(key)?.status?.['conditions'] as typeof conditions | undefined)?.find(
    ({ type }) => type === 'Ready',
  )?.status;
const taints = (): string[] =>
  ((kube.read('nodes//edge-1')?.spec?.['taints'] ?? []) as { key: string; effect: string }[]).map(
    ({ key, effect }) => `${key}:${effect}`,
  );
const writes = (): number => kube.calls.filter(({ call }) => call === 'patch').length;

describe('the node lifecycle', () => {
  it('shows a node as NotReady once it has been silent for the grace period, not before', async () => {
    beat();
    await clock.advance(graceMs - nodeMonitorPeriodMs);
    expect(readyOf('nodes//edge-1')).toBe('True');
    await clock.advance(2 * nodeMonitorPeriodMs + 1);
    expect(readyOf('nodes//edge-1')).toBe('Unknown');
    expect(taints().sort()).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ]);
    expect(readyOf('pods/default/web')).toBe('False');
    expect(kube.read('pods/default/web')?.status?.['phase']).toBe('Running');
  });

  it('does each thing once', async () => {
    await clock.advance(graceMs + 2 * nodeMonitorPeriodMs);
    expect(writes()).toBe(3);
    await clock.advance(600_000);
    expect(writes()).toBe(3);
  });

  it('leaves a node alone that beats', async () => {
    for (let n = 0; n < 30; n++) {
      beat();
      await clock.advance(10_000);
    }
    expect(writes()).toBe(0);
  });

  it('lets a node miss beats without a flap', async () => {
    for (let n = 0; n < 5; n++) {
      beat();
      await clock.advance(35_000);
    }
    expect(writes()).toBe(0);
  });

  it('takes the taint away when the node has reported', async () => {
    await clock.advance(graceMs + 2 * nodeMonitorPeriodMs);
    beat();
    kube.put(nodes, { ...kube.read('nodes//edge-1')!, status: { conditions } });
    await clock.advance(2 * nodeMonitorPeriodMs);
    expect(taints()).toEqual([]);
    expect(readyOf('nodes//edge-1')).toBe('True');
  });

  it('does not judge anybody before the hub itself has listened for the grace period', async () => {
    stop.abort();
    await running;
    await clock.advance(3_600_000); // the hub was away for an hour
    stop = new AbortController();
    running = startHub();
    await clock.advance(graceMs - nodeMonitorPeriodMs);
    expect(writes()).toBe(0);
    await clock.advance(3 * nodeMonitorPeriodMs);
    expect(readyOf('nodes//edge-1')).toBe('Unknown');
  });

  it.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('is not misled by a wall clock that jumps %s', async (_way, ms) => {
    beat();
    await clock.advance(10_000);
    clock.jump(clock.now() + ms);
    await clock.advance(10_000);
    beat();
    await clock.advance(30_000);
    expect(writes()).toBe(0);
    await clock.advance(15_000);
    expect(readyOf('nodes//edge-1')).toBe('Unknown');
  });

  it('trusts a Lease that another hub renews', async () => {
    const renewed = (): void => {
      const spec = { renewTime: kubeMicroTime(clock.now()) };
      kube.put(leases, { metadata: { name: 'edge-1', namespace: 'kube-node-lease' }, spec });
    };
    for (let n = 0; n < 30; n++) {
      renewed();
      await clock.advance(10_000);
    }
    expect(writes()).toBe(0);
    await clock.advance(2 * graceMs + 2 * nodeMonitorPeriodMs);
    expect(readyOf('nodes//edge-1')).toBe('Unknown');
  });

  it('does not take its own last renewal for a sign of life', async () => {
    beat();
    await clock.advance(20_000);
    renewTime = kubeMicroTime(clock.now());
    kube.put(leases, {
      metadata: { name: 'edge-1', namespace: 'kube-node-lease' },
      spec: { renewTime },
    });
    await clock.advance(graceMs - 20_000 + 2 * nodeMonitorPeriodMs);
    expect(readyOf('nodes//edge-1')).toBe('Unknown');
  });

  it('does not judge while it cannot read the Lease', async () => {
    kube.fault = (call) => (call === 'get' ? new Unavailable('down') : undefined);
    await clock.advance(graceMs + 10_000);
    expect(writes()).toBe(0);
    kube.fault = () => undefined;
    await clock.advance(2 * nodeMonitorPeriodMs);
    expect(readyOf('nodes//edge-1')).toBe('Unknown');
  });

  it('does not overwrite a node that came back while it was being judged', async () => {
    kube.fault = (call, key) => {
      if (call === 'get' && key === 'nodes//edge-1') beat();
      return undefined;
    };
    await clock.advance(graceMs + 2 * nodeMonitorPeriodMs);
    await settle();
    expect(readyOf('nodes//edge-1')).toBe('True');
  });

  it('has nothing to do with nodes of the cluster itself', async () => {
    kube.put(nodes, { metadata: { name: 'edge-1', labels: {} }, status: { conditions } });
    await clock.advance(10 * graceMs);
    expect(writes()).toBe(0);
  });
});
