import type { Report } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { nodeName, uid, version } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { WorkQueue } from '@skerry/shared/workqueue';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseJson } from '@skerry/shared/parse-json';
import type { HeldObject } from '../meta/object-reader.ts';
import { Runtimes } from '../runtime/runtimes.ts';
import { FakeMachine, FakeRuntime } from '../runtime/testing/fake-runtime.ts';
import type { NodeReport } from './node-status.ts';
import { FakeResources } from './testing/fake-resources.ts';
import { NODE_REPORT_MS, runNode } from './run-node.ts';

describe('runNode', () => {
  let clock: ManualClock;
  let engine: FakeMachine;
  let runtimes: Runtimes;
  let refresh: WorkQueue<'node'>;
  let reports: Report[];
  let held: HeldObject | undefined;
  let resources: FakeResources;
  let stop: AbortController;
  let ended: Promise<unknown>;

  beforeEach(() => {
    clock = new ManualClock();
    engine = new FakeMachine(clock);
    refresh = new WorkQueue();
    reports = [];
    held = undefined;
    stop = new AbortController();
    resources = new FakeResources();
    const open = (): Promise<FakeRuntime> => Promise.resolve(new FakeRuntime(engine));
    runtimes = new Runtimes([{ name: 'docker', open }], { clock, log: silentLog });
  });
  afterEach(async () => {
    stop.abort();
    await ended;
  });

  const start = (): void => {
    const node = runNode(
      {
        node: nodeName('edge-1'),
        resources,
        volumesDir: '/var/lib/skerry/edgecore/volumes',
        objects: { get: () => Promise.resolve(held), list: () => Promise.resolve([]) },
        reporter: { report: (report) => Promise.resolve(void reports.push(report)) },
        runtimes,
        refresh,
        clock,
        log: silentLog,
      },
      stop.signal,
    );
    ended = Promise.all([node, runtimes.run(stop.signal)]);
  };
  /** File system calls take real time: goes on until `is`, moving no clock. */
  const until = async (is: () => boolean): Promise<void> => {
    while (!is()) await clock.advance(0);
  };
  const quiet = async (): Promise<void> => {
    for (let turn = 0; turn < 100; turn++) await clock.advance(0);
  };
  const last = (): NodeReport | undefined => {
    const payload = reports.at(-1)?.payload;
    return payload && (parseJson(payload) as NodeReport);
  };
  const ready = (): string | undefined =>
    last()?.status.conditions.find(({ type }) => type === 'Ready')?.status;

  it('reports once the runtimes have answered', async () => {
    start();
    await until(() => reports.length === 1);
    expect(reports[0]).toMatchObject({ class: 'status', key: 'nodes//edge-1' });
    expect(ready()).toBe('True');
    expect(last()?.status.nodeInfo['containerRuntimeVersion']).toBe('docker://1.0');
  });

  it('reports what has changed, and not what has not', async () => {
    start();
    await until(() => reports.length === 1);
    await clock.advance(60_000);
    await quiet();
    expect(reports).toHaveLength(1);
    engine.outage = 'hung';
    for (const listener of engine.listeners) listener(undefined);
    await until(() => ready() === 'False');
    engine.outage = undefined;
    await clock.advance(10_000);
    await until(() => ready() === 'True');
  });

  it('reports every half hour, and whenever the link is up again', async () => {
    start();
    await until(() => reports.length === 1);
    refresh.add('node');
    await until(() => reports.length === 2);
    for (let passed = 0; passed <= NODE_REPORT_MS; passed += 60_000) {
      await clock.advance(60_000);
      await quiet();
    }
    expect(reports).toHaveLength(3);
  });

  it('says that it runs short, and what it has left to give', async () => {
    start();
    await until(() => reports.length === 1);
    const pressure = (): string | undefined =>
      last()?.status.conditions.find(({ type }) => type === 'MemoryPressure')?.status;
    expect(pressure()).toBe('False');
    resources.facts = { memoryAvailableBytes: 1 };
    await clock.advance(10_000);
    await until(() => pressure() === 'True');
    expect(resources.pressures).toEqual(['MemoryPressure']);
    resources.facts = {};
    await clock.advance(290_000);
    await quiet();
    expect(pressure()).toBe('True');
    await clock.advance(20_000);
    await until(() => pressure() === 'False');
    expect(resources.pressures).toEqual([]);
  });

  it('reports again when its Node was deleted, once', async () => {
    const object = Buffer.from('{}');
    const node = { key: 'nodes//edge-1' as never, uid: uid('n'), version: version('1'), object };
    start();
    await until(() => reports.length === 1);
    for (const now of [node, undefined, undefined]) {
      held = now;
      await clock.advance(10_000);
      await quiet();
    }
    expect(reports).toHaveLength(2);
  });

  it('keeps the times at which its conditions last changed over a restart', async () => {
    const Ready = { type: 'Ready', status: 'True', lastTransitionTime: '2025-12-01T00:00:00Z' };
    const object = Buffer.from(JSON.stringify({ status: { conditions: [Ready] } }));
    held = { key: 'nodes//edge-1' as never, uid: uid('n'), version: version('1'), object };
    start();
    await until(() => reports.length === 1);
    const told = last()?.status.conditions.find(({ type }) => type === 'Ready');
    expect(told?.lastTransitionTime).toBe('2025-12-01T00:00:00Z');
  });
});
