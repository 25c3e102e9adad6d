import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { openStore, type Store } from '@skerry/shared/store';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseJson } from '@skerry/shared/parse-json';
import { hear } from './device-twin.ts';
import { Roster } from './roster.ts';
import { StatusReporter, heartbeatMs, reportIntervalMs } from './status-reporter.ts';
import { madeDescription, madeTwin, thermo, unseen, type Made } from './testing/devices.ts';
import { TwinStore } from './twin-store.ts';

interface Status {
  readonly state: string;
  readonly lastOnlineTime?: string;
  readonly conditions: readonly { readonly type: string }[];
  readonly twins: readonly { readonly reported?: { readonly value: string } }[];
}

let directory: string;
let store: Store;
let clock: ManualClock;
let twins: TwinStore;
let roster: Roster;
let reporter: StatusReporter;
let reported: { key: string; uid: string; status: Status }[];
let refusing: boolean;
let unmet: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-status-'));
  store = await openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
  clock = new ManualClock();
  reported = [];
  refusing = false;
  unmet = [];
  twins = await TwinStore.open({ store, committed: () => undefined });
  roster = new Roster({
    protocols: [],
    sinkOf: () => () => Promise.resolve(),
    clock,
    random: () => 0.5,
    log: silentLog,
  });
  reporter = new StatusReporter({
    twins,
    roster,
    reporter: {
      report: ({ key, payload }) => {
        if (refusing) return Promise.reject(new Error('disk full'));
        const { uid, status } = parseJson(payload) as {
          uid: string;
          status: Status;
        };
        reported.push({ key, uid, status });
        return Promise.resolve();
      },
    },
    unmet: () => unmet,
    clock,
    reports: noMetrics.counter('reports_total', ''),
  });
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function serve(made: Made = {}): Promise<void> {
  await twins.update(thermo, () => madeTwin(made));
  await roster.serve(madeDescription(made), unseen);
}

async function hearValue(value: string): Promise<void> {
  const readings = [{ property: 'temperature', value }];
  const arrival = { readings, receivedAt: clock.now(), live: true };
  await twins.update(thermo, (held) => held && hear(held, arrival).twin);
}

function values(): (string | undefined)[] {
  return reported.map(({ status }) => status.twins[0]?.reported?.value);
}

describe('status reporter', () => {
  it('tells everything of a device once after a start', async () => {
    await serve();
    await reporter.reconcile(thermo);
    await reporter.reconcile(thermo);
    expect(reported).toHaveLength(1);
    expect(reported[0]).toMatchObject({
      key: 'devices.devices.kubeedge.io/default/thermo',
      uid: 'd-1',
      status: { state: 'unknown', twins: [], observedGeneration: 1 },
    });
  });

  it('tells the first change of a quiet device at once, and the newest of the next 500 ms', async () => {
    await serve();
    await reporter.reconcile(thermo);
    await clock.advance(60_000);
    await hearValue('1');
    await reporter.reconcile(thermo);
    expect(values()).toEqual([undefined, '1']);
    await hearValue('2');
    expect(await reporter.reconcile(thermo)).toEqual({ afterMs: reportIntervalMs });
    await clock.advance(200);
    await hearValue('3');
    expect(await reporter.reconcile(thermo)).toEqual({ afterMs: reportIntervalMs - 200 });
    await clock.advance(300);
    await reporter.reconcile(thermo);
    expect(values()).toEqual([undefined, '1', '3']);
  });

  it('has a condition while a desired value is not reached, which names the property', async () => {
    const found = (): object | undefined =>
      reported.at(-1)?.status.conditions.find(({ type }) => type === 'DesiredNotReached');
    await serve();
    unmet = ['property setpoint: 25 was not confirmed after 10 writes'];
    await reporter.reconcile(thermo);
    expect(found()).toMatchObject({ status: 'True', reason: 'NotReached', message: unmet[0] });
    unmet = [];
    await clock.advance(reportIntervalMs);
    await reporter.reconcile(thermo);
    expect(reported).toHaveLength(2);
    expect(found()).toBeUndefined();
  });

  it('says nothing of a value that is repeated, but now and then that the device lives', async () => {
    await serve({ spec: { stateReport: { reportCycle: 1_000_000 }, properties: [] } });
    await hearValue('1');
    await reporter.reconcile(thermo);
    await clock.advance(1_000);
    await hearValue('1');
    await reporter.reconcile(thermo);
    expect(reported).toHaveLength(1);
    await clock.advance(heartbeatMs);
    await reporter.reconcile(thermo);
    expect(reported[1]?.status.lastOnlineTime).toBe('2026-01-01T00:00:01Z');
    await clock.advance(heartbeatMs);
    expect(await reporter.reconcile(thermo)).toEqual({ afterMs: heartbeatMs });
    expect(reported).toHaveLength(2); // not heard since: nothing to tell
  });

  it('calls a device stale when it is silent for twice its cycle, and online again when heard', async () => {
    await serve({ spec: { stateReport: { reportCycle: 20_000 } } });
    await hearValue('1');
    expect(await reporter.reconcile(thermo)).toEqual({ afterMs: 40_000 });
    await clock.advance(39_999);
    await reporter.reconcile(thermo);
    expect(twins.get(thermo)?.state).toBe('online');
    await clock.advance(1);
    expect(await reporter.reconcile(thermo)).toEqual({ afterMs: 0 });
    await reporter.reconcile(thermo);
    expect(reported.at(-1)?.status.state).toBe('stale');
    await hearValue('1');
    await clock.advance(reportIntervalMs);
    await reporter.reconcile(thermo);
    expect(reported.at(-1)?.status.state).toBe('online');
  });

  it('gives a device time to be heard after a start, and does not believe an old “online” for long', async () => {
    await serve({ spec: { stateReport: { reportCycle: 1_000 } } });
    await hearValue('1');
    await clock.advance(3_600_000); // as after an hour switched off
    expect(await reporter.reconcile(thermo)).toEqual({ afterMs: 10_000 });
    expect(reported.at(-1)?.status.state).toBe('online');
    await clock.advance(10_000);
    await reporter.reconcile(thermo);
    await reporter.reconcile(thermo);
    expect(reported.at(-1)?.status.state).toBe('stale');
  });

  it('does not take a report for made that was refused', async () => {
    await serve();
    refusing = true;
    await expect(reporter.reconcile(thermo)).rejects.toThrow('disk full');
    refusing = false;
    await reporter.reconcile(thermo);
    expect(reported).toHaveLength(1);
  });

  it('leaves out what is not for the cloud', async () => {
    const properties = [{ name: 'temperature', reportToCloud: false }];
    await serve({ spec: { properties } });
    await hearValue('21');
    await reporter.reconcile(thermo);
    expect(reported[0]?.status.twins).toEqual([]);
  });

  it('says nothing of a device that is not served', async () => {
    await twins.update(thermo, () => madeTwin());
    expect(await reporter.reconcile(thermo)).toBeUndefined();
    expect(reported).toEqual([]);
  });
});
