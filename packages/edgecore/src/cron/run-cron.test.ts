import type { Report } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { nodeName, uid, version, type ObjectKey } from '@skerry/shared/names';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { MemoryDisk, MemoryStore } from '@skerry/shared/testing/memory-store';
import { WorkQueue } from '@skerry/shared/workqueue';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HeldObject } from '../meta/object-reader.ts';
import { parsePod } from '../pods/parse-pod.ts';
import type { PodPhase } from '../pods/pod.ts';
import { PODS } from '../pods/pod-key.ts';
import { LocalPods } from './local-pods.ts';
import { runCron } from './run-cron.ts';

const minute = 60_000;
const key = 'cronjobs.batch/default/tidy' as ObjectKey;
/** Midnight of the clock's first day, in minutes. */
const first = Date.UTC(2026, 0, 1) / minute;

/** A node with the cron room alone; its agent may be stopped and started over the same disk. */
class CronNode {
  readonly clock = new ManualClock();
  readonly disk = new MemoryDisk();
  readonly reports: Report[] = [];
  readonly woken: string[] = [];
  #held: HeldObject | undefined;
  #dirty = new WorkQueue<ObjectKey>();
  #agent: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #pods: LocalPods | undefined;

  async start(): Promise<void> {
    const store = new MemoryStore(this.disk);
    const stop = new AbortController();
    this.#dirty = new WorkQueue();
    const pods = await LocalPods.open(store, (pod) => this.woken.push(pod));
    this.#pods = pods;
    const objects = { get: () => Promise.resolve(this.#held), list: () => Promise.resolve([]) };
    const reporter = { report: (one: Report) => Promise.resolve(void this.reports.push(one)) };
    const node = nodeName('edge-1');
    const shared = { node, objects, store, pods, dirty: this.#dirty, reporter };
    const ended = runCron({ ...shared, clock: this.clock, log: silentLog }, stop.signal);
    this.#agent = { stop, ended };
    if (this.#held) this.#dirty.add(key);
    await this.pass(0);
  }

  async stop(): Promise<void> {
    this.#agent?.stop.abort();
    await this.#agent?.ended;
  }

  async hold(spec: object | undefined, id = 'cron-1', more: object = {}): Promise<void> {
    const annotations = { 'edge.skerry.io/run-at': 'edge', ...more };
    const template = { spec: { containers: [{ name: 'main', image: 'busybox:1' }] } };
    const metadata = {
      name: 'tidy',
      namespace: 'default',
      uid: id,
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations,
    };
    const object = {
      metadata,
      spec: {
        schedule: '*/10 * * * *',
        timeZone: 'Etc/UTC',
        jobTemplate: { spec: { template } },
        ...spec,
      },
    };
    const bytes = Buffer.from(JSON.stringify(object));
    this.#held = spec && { key, uid: uid(id), version: version('1'), object: bytes };
    this.#dirty.add(key);
    await this.pass(0);
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await settle();
  }

  async pods(): Promise<string[]> {
    const nothing = { get: () => Promise.resolve(undefined), list: () => Promise.resolve([]) };
    const listed = (await this.#pods?.beside(nothing).list(PODS)) ?? [];
    return listed.map(({ object }) => {
      const pod = parsePod(object);
      expect(pod.spec.nodeName).toBe('edge-1');
      return pod.metadata.name;
    });
  }

  /** The pods room reports what a pod has come to. */
  async turn(pod: string, phase: PodPhase): Promise<void> {
    const payload = Buffer.from(JSON.stringify({ uid: 'x', status: { phase }, gone: false }));
    const report = { class: 'status', key: `pods/default/${pod}` as ObjectKey, payload } as const;
    const beyond = { report: (one: Report) => Promise.resolve(void this.reports.push(one)) };
    await this.#pods?.before(beyond).report(report);
    await this.pass(0);
  }

  /** `name: what is said of it`, of Jobs, oldest first. */
  said(): string[] {
    return this.reports
      .filter(({ key: about }) => about.startsWith('jobs.batch/'))
      .map(({ key: about, payload }) => {
        const { gone, status } = JSON.parse(String(payload)) as {
          readonly gone: boolean;
          readonly status: { active: number; conditions?: { type: string }[] };
        };
        const end = status.conditions?.at(-1)?.type ?? `active ${status.active}`;
        return `${about.split('/')[2] ?? ''}: ${gone ? 'gone' : end}`;
      });
  }

  events(): string[] {
    return this.reports
      .filter((report) => report.class === 'event')
      .map(({ payload }) => (JSON.parse(String(payload)) as { reason: string }).reason);
  }
}

let node: CronNode;
beforeEach(async () => {
  node = new CronNode();
  await node.start();
});
afterEach(() => node.stop());

describe('a CronJob at the edge', () => {
  it('begins on time, and tells what became of it', async () => {
    await node.hold({});
    expect(await node.pods()).toEqual([]);
    await node.pass(10 * minute);
    expect(await node.pods()).toEqual([`tidy-${first + 10}-0`]);
    expect(node.woken).toContain(`pods/default/tidy-${first + 10}-0`);
    await node.turn(`tidy-${first + 10}-0`, 'Running');
    await node.turn(`tidy-${first + 10}-0`, 'Succeeded');
    expect(node.said()).toEqual([`tidy-${first + 10}: active 1`, `tidy-${first + 10}: Complete`]);
    const last = node.reports.findLast((report) => report.key === key);
    expect(JSON.parse(String(last?.payload))).toEqual({
      uid: 'cron-1',
      status: {
        active: [],
        lastScheduleTime: '2026-01-01T00:10:00Z',
        lastSuccessfulTime: '2026-01-01T00:10:00Z',
      },
    });
  });

  it('runs once for all it has missed while the agent was away', async () => {
    await node.hold({});
    await node.stop();
    await node.pass(65 * minute);
    await node.start();
    expect(await node.pods()).toEqual([`tidy-${first + 60}-0`]);
  });

  it('does not begin again what it had begun before a restart, and says it again', async () => {
    await node.hold({});
    await node.pass(10 * minute);
    await node.stop();
    node.reports.splice(0);
    await node.start();
    expect(await node.pods()).toEqual([`tidy-${first + 10}-0`]);
    expect(node.said()).toEqual([`tidy-${first + 10}: active 1`]);
    await node.pass(minute);
    expect(node.said()).toHaveLength(1);
  });

  it('tries a failed pod again, and gives up when its Job does', async () => {
    const template = { spec: { containers: [{ name: 'main', image: 'busybox:1' }] } };
    await node.hold({
      schedule: '0 * * * *',
      jobTemplate: { spec: { template, backoffLimit: 1 } },
    });
    await node.pass(60 * minute);
    const job = `tidy-${first + 60}`;
    await node.turn(`${job}-0`, 'Failed');
    expect(await node.pods()).toEqual([`${job}-0`]);
    await node.pass(10_000);
    expect(await node.pods()).toEqual([`${job}-0`, `${job}-1`]);
    await node.turn(`${job}-1`, 'Failed');
    expect(node.said().at(-1)).toBe(`${job}: Failed`);
    await node.pass(30 * minute);
    expect(await node.pods()).toHaveLength(2);
  });

  it('keeps as much history as it is to', async () => {
    await node.hold({ successfulJobsHistoryLimit: 1 });
    for (const time of [10, 20]) {
      await node.pass(10 * minute);
      await node.turn(`tidy-${first + time}-0`, 'Succeeded');
    }
    expect(await node.pods()).toEqual([`tidy-${first + 20}-0`]);
    expect(node.said()).toContain(`tidy-${first + 10}: gone`);
  });

  it('replaces a run that is under way where it is to', async () => {
    await node.hold({ concurrencyPolicy: 'Replace' });
    await node.pass(20 * minute);
    expect(await node.pods()).toEqual([`tidy-${first + 20}-0`]);
    expect(node.said()).toContain(`tidy-${first + 10}: gone`);
  });

  it('says once that it does not run beside itself', async () => {
    await node.hold({ concurrencyPolicy: 'Forbid' });
    await node.pass(25 * minute);
    expect(await node.pods()).toEqual([`tidy-${first + 10}-0`]);
    expect(node.events()).toEqual(['JobAlreadyActive']);
    await node.turn(`tidy-${first + 10}-0`, 'Succeeded');
    expect(await node.pods()).toContain(`tidy-${first + 20}-0`);
  });

  it('is not run while suspended, at the edge or altogether', async () => {
    await node.hold({ suspend: true });
    await node.pass(30 * minute);
    expect(await node.pods()).toEqual([]);
    await node.hold({ suspend: true }, 'cron-1', { 'edge.skerry.io/suspend': 'false' });
    await node.pass(0);
    expect(await node.pods()).toEqual([`tidy-${first + 30}-0`]);
  });

  it('ends what it has begun when it is deleted, or is not for the edge any more', async () => {
    await node.hold({});
    await node.pass(10 * minute);
    await node.hold(undefined);
    expect(await node.pods()).toEqual([]);
    await node.hold({}, 'cron-2', { 'edge.skerry.io/run-at': 'cloud' });
    await node.pass(60 * minute);
    expect(await node.pods()).toEqual([]);
  });

  it('says what is wrong with its schedule', async () => {
    await node.hold({ schedule: 'now and then' });
    await node.pass(10 * minute);
    expect(node.events()).toEqual(['UnparseableSchedule']);
  });

  it('leaves reports about other pods alone', async () => {
    await node.turn('web', 'Running');
    expect(node.reports.map((report) => report.key)).toEqual(['pods/default/web']);
  });
});
