import { resolvedKeptSeconds } from '@skerry/shared/alarms/default-rules';
import { kubeTime } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { objectKey, uid, version } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodes } from '../kube/resource.ts';
import { unrouted, type Observed } from '../route/observed.ts';
import { hubAlarmPeriodMs, runHubAlarms, type HubAlarmsParts } from './run-hub-alarms.ts';

let clock: ManualClock;
let stop: AbortController;
let running: Promise<unknown>;
let seen: Observed;
/** What became of Alert objects and was told as Events, in order. */
let done: string[];

/** A Node in one state; counts how often that is read. */
function observed(ready: object): Observed & { readonly reads: () => number } {
  let reads = 0;
  const object = Buffer.from(
    JSON.stringify({
      metadata: { name: 'edge-1', labels: { 'node-role.kubernetes.io/edge': '' } },
      status: { conditions: [{ type: 'Ready', ...ready }] },
    }),
  );
  return {
    key: objectKey(nodes.name, '', 'edge-1'),
    ...{ uid: uid('u1'), version: version('1'), routing: unrouted, reads: () => reads },
    get object() {
      reads += 1;
      return object;
    },
  };
}

const heard = (): Observed => observed({ status: 'True' });
const silentSince = (ms: number): Observed =>
  observed({ status: 'Unknown', lastTransitionTime: kubeTime(ms) });

function start(): void {
  const note = (what: string): Promise<void> => {
    done.push(what);
    return Promise.resolve();
  };
  const parts = {
    ...{ clock, graceSeconds: 40, shipped: true, log: silentLog, metrics: noMetrics },
    placement: {
      whenSynced: Promise.resolve(),
      all: (resource: string) => (resource === nodes.name ? [seen] : []),
      find: () => seen,
    },
    api: {
      list: () => Promise.resolve({ items: [] }),
      create: (_type: object, _namespace: string, { reason }: { readonly reason: string }) =>
        note(reason),
    },
    objects: {
      put: ({ status }: { readonly status: { readonly state: string } }) => note(status.state),
      remove: () => note('removed'),
    },
  } as unknown as HubAlarmsParts;
  running = runHubAlarms(parts, stop.signal).catch(() => undefined);
}

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 0, 1));
  stop = new AbortController();
  done = [];
  seen = heard();
});
afterEach(async () => {
  stop.abort();
  await running;
});

describe('alarms of the hub', () => {
  it('tell once that a node is silent, once that it is heard, and forget it after days', async () => {
    start();
    await clock.advance(hubAlarmPeriodMs);
    expect(done).toEqual([]);
    seen = silentSince(clock.now() - 60_000);
    for (let looks = 0; looks < 3; looks++) await clock.advance(hubAlarmPeriodMs);
    expect(done).toEqual(['firing', 'AlertFiring']);
    seen = heard();
    for (let looks = 0; looks < 3; looks++) await clock.advance(hubAlarmPeriodMs);
    expect(done).toEqual(['firing', 'AlertFiring', 'resolved', 'AlertResolved']);
    done = [];
    clock.jump(clock.now() + resolvedKeptSeconds * 1_000);
    for (let looks = 0; looks < 3; looks++) await clock.advance(hubAlarmPeriodMs);
    expect(done).toEqual(['removed']);
  });

  it('read each state of a node once, however often they look', async () => {
    const state = observed({ status: 'True' });
    seen = state;
    start();
    await clock.advance(hubAlarmPeriodMs);
    const reads = state.reads();
    for (let looks = 0; looks < 10; looks++) await clock.advance(hubAlarmPeriodMs);
    expect(state.reads()).toBe(reads);
  });
});
