import type { Notification } from '@skerry/shared/alarms/notification';
import { kubeTime } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodes } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { AlertObjects } from '../upstream/alert-objects.ts';
import { CurrentObjects } from '../upstream/current-objects.ts';
import { StatusWriter } from '../upstream/status-writer.ts';
import { reflectKube } from '../watch/testing/reflect-kube.ts';
import { holdMs, oneHub } from './one-hub.ts';
import { runHubAlarms } from './run-hub-alarms.ts';

let kube: FakeKube;
let clock: ManualClock;
let stop: AbortController;
let running: Promise<unknown>[];
/** What the webhook took, by which hub. */
let taken: [hub: string, status: string][];

/** Answers how to end it as a crash would: without a word. */
function startHub(identity: string): () => Promise<void> {
  const crash = new AbortController();
  const signal = AbortSignal.any([stop.signal, crash.signal]);
  const { placement, run } = reflectKube(kube, clock);
  const current = new CurrentObjects(kube, placement);
  const statuses = new StatusWriter(kube, current);
  const objects = new AlertObjects({ api: kube, current, statuses, placement, clock });
  const common = { api: kube, clock, log: silentLog, metrics: noMetrics, random: () => 0.5 };
  const parts = { ...common, placement, objects, graceSeconds: 40, shipped: true };
  const post = ({ body }: { readonly body: string }): Promise<void> => {
    taken.push([identity, (JSON.parse(body) as Notification).status]);
    return Promise.resolve();
  };
  const api = {
    get: kube.get.bind(kube),
    create: kube.create.bind(kube),
    update: (...call: Parameters<FakeKube['update']>) =>
      crash.signal.aborted ? Promise.reject(new Error('crashed')) : kube.update(...call),
  };
  const alarms = oneHub(
    { ...common, api, name: 'alarms', identity },
    (held) => runHubAlarms({ ...parts, webhook: 'http://x/', post }, held),
    signal,
  );
  const ended = Promise.allSettled([alarms, run(signal)]);
  running.push(ended);
  return async () => {
    crash.abort();
    await ended;
  };
}

const show = (status: 'True' | 'Unknown', since: number): unknown =>
  kube.put(nodes, {
    metadata: { name: 'edge-1', labels: { 'node-role.kubernetes.io/edge': '' } },
    status: { conditions: [{ type: 'Ready', status, lastTransitionTime: kubeTime(since) }] },
  });

const pass = async (ms: number): Promise<void> => {
  for (let left = ms; left > 0; left -= 1_000) await clock.advance(1_000);
};

beforeEach(() => {
  kube = new FakeKube();
  clock = new ManualClock(Date.UTC(2026, 0, 1));
  stop = new AbortController();
  [running, taken] = [[], []];
  show('True', clock.now());
});
afterEach(async () => {
  stop.abort();
  await Promise.all(running);
});

describe('two hubs of one cluster', () => {
  it('tell receivers once, and go on where one is lost', async () => {
    const crash = startHub('a');
    await settle();
    startHub('b');
    show('Unknown', clock.now() - 120_000);
    await pass(3 * holdMs);
    expect(taken).toEqual([['a', 'firing']]);
    await crash();
    show('True', clock.now());
    await pass(3 * holdMs);
    expect(taken).toEqual([
      ['a', 'firing'],
      ['b', 'resolved'],
    ]);
  });
});
