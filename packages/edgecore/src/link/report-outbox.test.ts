import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report, ReportClass } from '@skerry/shared/delivery/report';
import { keyOf } from '@skerry/shared/testing/changes';
import {
  openStore,
  StoreWriteFailed,
  type Store,
  type Table,
  type Write,
} from '@skerry/shared/store';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { PaperTracing, elsewhere } from '@skerry/shared/testing/paper-tracing';
import type { QueuedReport } from './report-entry.ts';
import { ReportOutbox } from './report-outbox.ts';
import { ReportSpans } from './report-spans.ts';
import { defaultReportPolicies, type ReportPolicies, type ReportPolicy } from './report-policy.ts';

let directory: string;
let store: Store;
let dropped: string[];
let clock: ManualClock;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-reports-'));
  dropped = [];
  clock = new ManualClock();
  store = await open();
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

function open(): Promise<Store> {
  return openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
}

function outboxOf(opened: Store, policies = defaultReportPolicies): Promise<ReportOutbox> {
  const onDropped = (kind: string, reason: string): number => dropped.push(`${kind} ${reason}`);
  return ReportOutbox.open({ store: opened, policies, clock, onDropped });
}

/** A store whose disk can be full. */
class FullableStore implements Store {
  isFull = false;
  readonly #store: Store;

  constructor(on: Store) {
    this.#store = on;
  }

  table(name: string): Table {
    return this.#store.table(name);
  }

  commit(writes: readonly Write[]): Promise<void> {
    if (!this.isFull) return this.#store.commit(writes);
    return Promise.reject(new StoreWriteFailed('no space left'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** The defaults, but for what is said of events. */
function eventsBy(policy: Partial<ReportPolicy>): ReportPolicies {
  return { ...defaultReportPolicies, event: { ...defaultReportPolicies.event, ...policy } };
}

function made(kind: ReportClass, name: string, text: string): Report {
  return { class: kind, key: keyOf(name), payload: new TextEncoder().encode(text) };
}

async function texts(outbox: ReportOutbox, limit = 100): Promise<string[]> {
  return (await outbox.take(limit)).map(({ payload }) => new TextDecoder().decode(payload));
}

describe('a traced report', () => {
  it('is followed across a restart of the agent', async () => {
    const tracing = new PaperTracing(clock);
    const parts = { store, policies: defaultReportPolicies, clock, onDropped: () => undefined };
    const before = await ReportOutbox.open({ ...parts, tracing });
    await before.report(made('status', 'web', 'up'));
    expect(tracing.words()).toEqual(['reported']);
    const [report] = await (await ReportOutbox.open(parts)).take(1);
    expect(new ReportSpans(tracing).sent(report as QueuedReport)).toBeDefined();
    expect(tracing.words()).toEqual(['reported', 'queued < reported', 'sent < reported …']);
  });

  it('says that there was no room for it', async () => {
    const tracing = new PaperTracing(clock);
    const policies = eventsBy({ quotaBytes: 10, overflow: 'drop-newest' });
    const outbox = await ReportOutbox.open({
      ...{ store, policies, clock, tracing, onDropped: () => undefined },
    });
    await outbox.report(made('event', 'web', 'far too long for it'));
    expect(tracing.words()).toEqual(['reported: overflow']);
  });

  it('has been sent when it is answered, or the session ends', () => {
    const tracing = new PaperTracing(clock);
    const spans = new ReportSpans(tracing);
    const report = { ...made('event', 'web', 'x'), at: clock.now(), trace: elsewhere };
    for (const id of [1, 2, 3]) spans.sent({ ...report, id });
    spans.answered(1, undefined);
    spans.answered(2, 'upstream.forbidden');
    spans.lost();
    expect(tracing.words().filter((word) => word.startsWith('sent'))).toEqual([
      'sent < elsewhere',
      'sent < elsewhere: upstream.forbidden',
      'sent < elsewhere: the session ended',
    ]);
  });
});

describe('report outbox', () => {
  it('keeps the newest status per key in the place of the one it replaces', async () => {
    const outbox = await outboxOf(store);
    await outbox.report(made('status', 'a', 'a1'));
    await outbox.report(made('status', 'b', 'b1'));
    await outbox.report(made('status', 'a', 'a2'));
    expect(await texts(outbox)).toEqual(['a2', 'b1']);
  });

  it('keeps every event in order', async () => {
    const outbox = await outboxOf(store);
    for (const text of ['one', 'two', 'three']) await outbox.report(made('event', 'a', text));
    expect(await texts(outbox, 2)).toEqual(['one', 'two']);
    expect(await texts(outbox)).toEqual(['three']);
  });

  it('gives unsettled reports again after the link was lost, and after a restart', async () => {
    const outbox = await outboxOf(store);
    for (const text of ['one', 'two', 'three']) await outbox.report(made('event', 'a', text));
    const [first] = await outbox.take(2);
    await outbox.settle(first!.id);
    outbox.rewind();
    expect(await texts(outbox)).toEqual(['two', 'three']);
    await store[Symbol.asyncDispose]();
    store = await open();
    expect(await texts(await outboxOf(store))).toEqual(['two', 'three']);
  });

  it('does not delete a newer status when an older one is settled', async () => {
    const outbox = await outboxOf(store);
    await outbox.report(made('status', 'a', 'old'));
    const [old] = await outbox.take(1);
    const newer = outbox.report(made('status', 'a', 'new')); // its commit is still under way
    await outbox.settle(old!.id);
    await newer;
    expect(await texts(outbox)).toEqual(['new']);
  });

  it('tells what was answered to a report, unless a newer one of its key is on its way', async () => {
    const outbox = await outboxOf(store);
    const told: (string | undefined)[] = [];
    outbox.onAnswered = (key, refusal) => told.push(key, refusal);
    await outbox.report(made('status', 'a', 'old'));
    const [old] = await outbox.take(1);
    const settled = outbox.settle(old!.id, 'no');
    await outbox.report(made('status', 'a', 'new')); // begun while the old one leaves the disk
    await settled;
    expect(told).toEqual([]);
    const [newer] = await outbox.take(1);
    await outbox.settle(newer!.id, 'never');
    expect(told).toEqual([newer!.key, 'never']);
  });

  it.each([
    ['drop-oldest', ['b1', 'a2', 'a3']],
    ['drop-newest', ['a1', 'b1', 'a2']],
    ['keep-latest', ['b1', 'a2', 'a3']],
  ] as const)('makes room by its policy: %s', async (overflow, left) => {
    const outbox = await outboxOf(store, eventsBy({ overflow, quotaBytes: 6 }));
    for (const text of ['a1', 'b1', 'a2', 'a3'])
      await outbox.report(made('event', text.slice(0, 1), text));
    expect(dropped).toEqual(['event overflow']);
    expect(outbox.bytesOf('event')).toBe(6);
    expect(await texts(outbox)).toEqual(left);
    expect(await texts(await outboxOf(store))).toEqual(left);
  });

  it('keeps the latest of every key, though others have waited longer', async () => {
    const outbox = await outboxOf(store, eventsBy({ overflow: 'keep-latest', quotaBytes: 6 }));
    for (const text of ['a1', 'b1', 'b2', 'c1'])
      await outbox.report(made('event', text.slice(0, 1), text));
    expect(await texts(outbox)).toEqual(['a1', 'b2', 'c1']);
  });

  it('never keeps more than the quota, also of what comes all at once', async () => {
    const outbox = await outboxOf(store, eventsBy({ quotaBytes: 4 }));
    const all = Array.from({ length: 9 }, (_, n) => made('event', 'a', `a${n}`));
    await Promise.all([...all, made('event', 'b', 'huge!')].map((each) => outbox.report(each)));
    expect(outbox.bytesOf('event')).toBeLessThanOrEqual(4);
    expect(dropped).toHaveLength(8);
    expect(await texts(outbox)).toHaveLength(2);
  });

  it('gives room back once reports are accepted', async () => {
    const outbox = await outboxOf(store, eventsBy({ quotaBytes: 4 }));
    for (const text of ['a1', 'a2']) await outbox.report(made('event', 'a', text));
    for (const { id } of await outbox.take(9)) await outbox.settle(id);
    for (const text of ['a3', 'a4']) await outbox.report(made('event', 'a', text));
    expect(dropped).toEqual([]);
    expect(await texts(outbox)).toEqual(['a3', 'a4']);
  });

  it('gives up what has outlived its time, and keeps the time of what it sends', async () => {
    const outbox = await outboxOf(store, eventsBy({ ttlSeconds: 60 }));
    await outbox.report(made('event', 'a', 'old'));
    await clock.advance(40_000);
    await outbox.report(made('event', 'a', 'young'));
    await clock.advance(30_000);
    expect(await outbox.take(9)).toMatchObject([{ at: Date.UTC(2026, 0, 1) + 40_000 }]);
    expect(dropped).toEqual(['event expired']);
    expect(await texts(await outboxOf(store))).toEqual(['young']);
  });

  it('sends every class its share, whatever else waits', async () => {
    const outbox = await outboxOf(store);
    for (let n = 0; n < 20; n++) {
      await outbox.report(made('telemetry', 'a', `t${n}`));
      await outbox.report(made('event', 'a', `e${n}`));
      await outbox.report(made('status', `a${n}`, `s${n}`));
    }
    const first = (await texts(outbox, 26)).map((text) => text.slice(0, 1)).join('');
    expect(first).toBe('sssssssseeeetsssssssseeeet');
    expect(await texts(outbox)).toHaveLength(34);
  });

  it('drops and counts a stored report that it cannot read, and goes on', async () => {
    await (await outboxOf(store)).report(made('event', 'a', 'fine'));
    const table = store.table('reports');
    const torn = [
      '',
      '\n',
      '7 event',
      '7 gossip pods/x/y 0\n{}',
      '7 event pods 0\n{}',
      'x y z 1\n',
    ];
    const entries = torn.map((text) => new TextEncoder().encode(text));
    entries.push(Uint8Array.of(0xff, 0xfe, 0x0a));
    await store.commit(entries.map((entry, n) => table.put(`line/bad-${n}`, entry)));
    const outbox = await outboxOf(store);
    expect(dropped).toEqual(entries.map(() => 'unknown unreadable'));
    expect(await texts(outbox)).toEqual(['fine']);
    dropped = [];
    await outboxOf(store);
    expect(dropped).toEqual([]);
  });

  it('gives nothing up for a report that the disk refuses', async () => {
    const disk = new FullableStore(store);
    const outbox = await outboxOf(disk, eventsBy({ quotaBytes: 9 }));
    for (const text of ['one', 'two', 'six']) await outbox.report(made('event', 'a', text));
    disk.isFull = true;
    const refused = ['ten', 'eleven', 'thirteen bytes'].map((text) =>
      outbox.report(made('event', 'a', text)),
    );
    for (const each of refused) await expect(each).rejects.toThrow(StoreWriteFailed);
    expect(dropped).toEqual([]);
    disk.isFull = false;
    await outbox.report(made('event', 'a', 'ten'));
    expect(dropped).toEqual(['event overflow']);
    expect(await texts(outbox)).toEqual(['two', 'six', 'ten']);
  });

  it('keeps the status that is on disk when the disk refuses newer ones', async () => {
    const disk = new FullableStore(store);
    const outbox = await outboxOf(disk);
    await outbox.report(made('status', 'a', 'a1'));
    disk.isFull = true;
    const refused = ['a2', 'a3'].map((text) => outbox.report(made('status', 'a', text)));
    outbox.rewind(); // the link is lost just then
    for (const each of refused) await expect(each).rejects.toThrow(StoreWriteFailed);
    disk.isFull = false;
    outbox.rewind();
    const [first] = await outbox.take(1);
    expect(new TextDecoder().decode(first?.payload)).toBe('a1');
    await outbox.settle(first!.id);
    expect(await texts(await outboxOf(store))).toEqual([]);
  });

  it('counts what the hub refuses', async () => {
    const outbox = await outboxOf(store);
    await outbox.report(made('event', 'a', 'one'));
    const [one] = await outbox.take(1);
    await outbox.settle(one!.id, 'refused');
    expect(dropped).toEqual(['event refused']);
    expect(outbox.size).toBe(0);
  });

  it('delivers the newest status of every key and every event, whatever is interleaved', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('report' as const),
          kind: fc.constantFrom<ReportClass>('status', 'event'),
          name: fc.nat(3),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('take' as const),
          limit: fc.integer({ min: 1, max: 4 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), nth: fc.nat(9) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('rewind' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (script) => {
        let outbox = await outboxOf(store);
        const events: string[] = [];
        const newest = new Map<string, string>();
        const accepted: { key: string; kind: ReportClass; text: string }[] = [];
        let sent: QueuedReport[] = [];
        const accept = async (report: (typeof sent)[number]): Promise<void> => {
          accepted.push({
            key: report.key,
            kind: report.class,
            text: new TextDecoder().decode(report.payload),
          });
          await outbox.settle(report.id);
        };
        let count = 0;
        for (const action of script) {
          if (action.do === 'report') {
            const text = `${count++}`;
            if (action.kind === 'event') events.push(text);
            else newest.set(keyOf(String(action.name)), text);
            await outbox.report(made(action.kind, String(action.name), text));
          } else if (action.do === 'take') {
            sent.push(...(await outbox.take(action.limit)));
          } else if (action.do === 'settle') {
            const [report] = sent.splice(action.nth % Math.max(1, sent.length), 1);
            if (report) await accept(report);
          } else {
            sent = [];
            if (action.do === 'rewind') outbox.rewind();
            else outbox = await outboxOf(store);
          }
        }
        outbox.rewind();
        for (;;) {
          const rest = await outbox.take(100);
          if (rest.length === 0) break;
          for (const report of rest) await accept(report);
        }
        expect(
          new Set(accepted.filter(({ kind }) => kind === 'event').map(({ text }) => text)),
        ).toEqual(new Set(events));
        for (const [key, text] of newest) {
          expect(
            accepted.filter((report) => report.kind === 'status' && report.key === key).at(-1)
              ?.text,
          ).toBe(text);
        }
        expect(outbox.size).toBe(0);
        expect([outbox.bytesOf('status'), outbox.bytesOf('event')]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });
});
