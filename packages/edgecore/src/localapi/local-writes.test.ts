import type { Report } from '@skerry/shared/delivery/report';
import { readEdgeWrite, writeKey, type EdgeWrite } from '@skerry/shared/edge-write';
import { silentLog } from '@skerry/shared/log';
import { nodeName, uid, version, type ObjectKey } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { MemoryDisk, MemoryStore } from '@skerry/shared/testing/memory-store';
import { describe, expect, it } from 'vitest';
import type { HeldObject, ObjectReader } from '../meta/object-reader.ts';
import { LocalWrites, type Shown } from './local-writes.ts';

const key = 'pods/default/web' as ObjectKey;

interface Meta {
  readonly labels?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
}

/** A node that holds one pod, and what it reports. */
class Node {
  readonly store = new MemoryStore(new MemoryDisk());
  readonly clock = new ManualClock(1_000_000);
  readonly reports: Report[] = [];
  readonly woken: ObjectKey[] = [];
  held: HeldObject | undefined = this.pod(10n, {});
  /** Until it resolves, reports are on their way to the disk. */
  disk: Promise<void> = Promise.resolve();

  pod(at: bigint, labels: Readonly<Record<string, string>>, id = 'u1'): HeldObject {
    const metadata = { name: 'web', namespace: 'default', uid: id, labels };
    const object = Buffer.from(
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: {} }),
    );
    return { key, uid: uid(id), version: version(String(at)), object };
  }

  open(): Promise<LocalWrites> {
    const objects: ObjectReader = {
      get: () => Promise.resolve(this.held),
      list: () => Promise.resolve(this.held ? [this.held] : []),
    };
    const reporter = {
      report: (report: Report) => {
        this.reports.push(report);
        return this.disk;
      },
    };
    const { store, clock } = this;
    const wake = (one: ObjectKey): unknown => this.woken.push(one);
    return LocalWrites.open({
      ...{ node: nodeName('edge-1'), store, reporter, objects, clock, log: silentLog },
      wake,
    });
  }

  /** What rooms see of the pod. */
  async seen(writes: LocalWrites): Promise<Meta | undefined> {
    const held = this.held;
    const reader = writes.beside({
      get: () => Promise.resolve(held),
      list: () => Promise.resolve([]),
    });
    const { object } = (await reader.get(key)) ?? {};
    return (
      object && (JSON.parse(Buffer.from(object).toString('utf8')) as { metadata: Meta }).metadata
    );
  }

  /** The newest write that was reported. */
  get reported(): EdgeWrite | undefined {
    const last = this.reports.findLast((report) => report.key === writeKey(key));
    return last && readEdgeWrite(JSON.parse(Buffer.from(last.payload).toString('utf8')));
  }

  get events(): string[] {
    return this.reports
      .filter(({ class: kind }) => kind === 'event')
      .map(({ payload }) => Buffer.from(payload).toString('utf8'));
  }
}

const shown: Shown = { uid: 'u1', labels: {}, annotations: {} };
const refusal = 'written in the cluster meanwhile, which stays: labels/site';

describe('what is written at a node', () => {
  it('holds at once, is reported, and survives the agent', async () => {
    const node = new Node();
    const writes = await node.open();
    await writes.write(key, shown, { labels: { site: 'north' } });
    expect((await node.seen(writes))?.labels).toEqual({ site: 'north' });
    expect(node.woken).toEqual([key]);
    const again = await node.open();
    expect((await node.seen(again))?.labels).toEqual({ site: 'north' });
    node.reports.length = 0;
    await again.repeat();
    expect(node.reported?.labels).toEqual({ site: { to: 'north', over: null } });
  });

  it('may be a label that bears the name of what objects inherit', async () => {
    const node = new Node();
    const writes = await node.open();
    const before = { ...shown, labels: { constructor: 'theirs' } };
    await writes.write(key, before, { labels: { constructor: 'ours' } });
    expect(node.reported?.labels).toEqual({ constructor: { to: 'ours', over: 'theirs' } });
    await writes.write(key, shown, { labels: { valueOf: null } });
    expect(node.reported?.labels).toHaveProperty('valueOf', { to: null, over: null });
  });

  it('is one report of everything that waits, over what the cluster had at first', async () => {
    const node = new Node();
    const writes = await node.open();
    const before = { ...shown, labels: { site: 'south' } };
    await writes.write(key, before, { labels: { site: 'north' } });
    await writes.write(
      key,
      { ...before, labels: { site: 'north' } },
      { labels: { site: 'west', a: 'b' } },
    );
    expect(node.reported?.labels).toEqual({
      site: { to: 'west', over: 'south' },
      a: { to: 'b', over: null },
    });
  });

  it('stays in sight until the cluster shows it, and is then forgotten', async () => {
    const node = new Node();
    const writes = await node.open();
    await writes.write(key, shown, { labels: { site: 'north' } });
    await writes.answered(writeKey(key), undefined);
    expect((await node.seen(writes))?.labels).toEqual({ site: 'north' });
    node.held = node.pod(11n, { site: 'north' });
    await writes.tidy(key);
    expect(writes.pendingOf(key)).toBeUndefined();
    expect((await node.open()).pendingOf(key)).toBeUndefined();
  });

  it('is taken back where the cluster refuses it, and an Event says so', async () => {
    const node = new Node();
    const writes = await node.open();
    await writes.write(key, shown, { labels: { site: 'north' } });
    await writes.answered(writeKey(key), refusal);
    expect((await node.seen(writes))?.labels).toEqual({});
    expect(node.events).toEqual([expect.stringContaining(refusal)]);
  });

  it('is told by no answer to what was reported before it', async () => {
    const node = new Node();
    const writes = await node.open();
    await writes.write(key, shown, { labels: { site: 'north' } });
    const newer = writes.write(key, shown, { labels: { site: 'west' } });
    await Promise.all([newer, writes.answered(writeKey(key), refusal)]);
    expect((await node.seen(writes))?.labels).toEqual({ site: 'west' });
    expect(node.events).toEqual([]);
    await writes.answered(writeKey(key), refusal);
    expect((await node.seen(writes))?.labels).toEqual({});
    expect(node.events).toHaveLength(1);
  });

  it('is not reported as it was before, when all that waits is said again meanwhile', async () => {
    const node = new Node();
    const writes = await node.open();
    await writes.write('pods/default/other' as ObjectKey, shown, { labels: { a: 'b' } });
    await writes.write(key, shown, { labels: { site: 'north' } });
    const disk = Promise.withResolvers<undefined>();
    node.disk = disk.promise;
    const both = [writes.repeat(), writes.write(key, shown, { labels: { site: 'west' } })];
    const newest = { site: { to: 'west', over: null } };
    await expect.poll(() => node.reported?.labels).toEqual(newest);
    disk.resolve(undefined);
    await Promise.all(both);
    expect(node.reported?.labels).toEqual(newest);
  });

  it('says of a deleted pod first that it is to go, then that it has ended, and keeps it away', async () => {
    const node = new Node();
    const writes = await node.open();
    await writes.write(key, shown, { deletion: { graceSeconds: 5 } });
    expect((await node.seen(writes))?.deletionTimestamp).toBe('1970-01-01T00:16:45Z');
    expect(node.reported?.deletion).toEqual({ ended: false, graceSeconds: 5 });
    await writes.answered(writeKey(key), undefined);
    const passed: Report[] = [];
    const reporter = writes.before({
      report: (report) => {
        passed.push(report);
        return Promise.resolve();
      },
    });
    const gone = Buffer.from(JSON.stringify({ uid: 'u1', status: {}, gone: true }));
    await reporter.report({ class: 'status', key, payload: gone });
    expect(passed).toHaveLength(1);
    expect(node.reported?.deletion).toEqual({ ended: true, graceSeconds: 5 });
    await writes.answered(writeKey(key), undefined);
    node.held = node.pod(12n, {});
    await writes.tidy(key);
    expect((await node.seen(writes))?.deletionTimestamp).toBeDefined();
    node.held = undefined;
    await writes.tidy(key);
    expect(writes.pendingOf(key)).toBeUndefined();
  });

  it.each([
    [Number.MAX_SAFE_INTEGER, '9999-12-31T23:59:59Z'],
    [-1, '1970-01-01T00:16:41Z'],
  ])('shows a pod whose deletion was given %i seconds', async (graceSeconds, time) => {
    const node = new Node();
    const writes = await node.open();
    await writes.write(key, shown, { deletion: { graceSeconds } });
    expect((await node.seen(writes))?.deletionTimestamp).toBe(time);
  });

  it('leaves another that bears the name alone', async () => {
    const node = new Node();
    const writes = await node.open();
    await writes.write(key, shown, { deletion: {} });
    node.held = node.pod(20n, {}, 'u2');
    expect((await node.seen(writes))?.deletionTimestamp).toBeUndefined();
    await writes.answered(writeKey(key), undefined);
    expect(writes.pendingOf(key)).toBeUndefined();
  });
});
