import { kubeMicroTime } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import type { NodeName, Uid, Version } from '@skerry/shared/names';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../kube/kube-errors.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { LeaseKeeper, leaseKey, leaseRenewMs, leaseSeconds } from './lease-keeper.ts';

const edge1 = 'edge-1' as NodeName;
const graceMs = 40_000;

let kube: FakeKube;
let clock: ManualClock;
let stop: AbortController;
let known: boolean;
let leases: LeaseKeeper;
let running: Promise<void>;

beforeEach(() => {
  kube = new FakeKube();
  clock = new ManualClock();
  stop = new AbortController();
  known = true;
  const cache = {
    find: (key: never) =>
      known
        ? { key, uid: 'node-uid' as Uid, version: 1n as Version, routing: { refers: [] } }
        : undefined,
  };
  const parts = { api: kube, cache, clock, log: silentLog, metrics: noMetrics };
  leases = new LeaseKeeper({ ...parts, graceMs });
  running = leases.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await running;
});

const writes = (): number => kube.calls.filter(({ call }) => call !== 'get').length;

describe('LeaseKeeper', () => {
  it('renews several times within the grace period, that other hubs see it in time', () => {
    expect(leaseRenewMs(40_000)).toBe(9_000);
    expect(leaseRenewMs(5_000)).toBe(1_250);
  });

  it('makes a Lease with the first sign of life, owned by the Node', async () => {
    leases.seen(edge1);
    await settle();
    expect(kube.read(leaseKey(edge1))).toMatchObject({
      apiVersion: 'coordination.k8s.io/v1',
      metadata: { ownerReferences: [{ kind: 'Node', name: 'edge-1', uid: 'node-uid' }] },
      spec: {
        holderIdentity: 'edge-1',
        leaseDurationSeconds: leaseSeconds,
        renewTime: kubeMicroTime(clock.now()),
      },
    });
    expect(leases.renewTimeOf(edge1)).toBe(kubeMicroTime(clock.now()));
  });

  it('does not wait for the Node to be known', async () => {
    known = false;
    leases.seen(edge1);
    await settle();
    expect(kube.read(leaseKey(edge1))?.metadata['ownerReferences']).toBeUndefined();
  });

  it('renews at a limited rate, however often the node beats', async () => {
    for (let second = 0; second < 60; second++) {
      leases.seen(edge1);
      await clock.advance(1_000);
    }
    expect(writes()).toBe(1 + Math.ceil(60_000 / leaseRenewMs(graceMs))); // the first is a patch and a create
    expect(leases.seenAt(edge1)).toBe(59_000);
  });

  it('makes up for a failed renewal with the next beat', async () => {
    kube.fault = () => new Unavailable('down');
    leases.seen(edge1);
    await settle();
    kube.fault = () => undefined;
    leases.seen(edge1);
    await settle();
    expect(kube.read(leaseKey(edge1))).toBeDefined();
  });
});
