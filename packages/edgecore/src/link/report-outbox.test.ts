import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report, ReportClass } from '@skerry/shared/delivery/report';
import { keyOf } from '@skerry/shared/testing/changes';
import { openStore, type Store } from '@skerry/shared/store';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReportOutbox, quotaBytes } from './report-outbox.ts';

let directory: string;
let store: Store;
let dropped: ReportClass[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-reports-'));
  dropped = [];
  store = await open();
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

function open(): Promise<Store> {
  return openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
}

function outboxOf(opened: Store): Promise<ReportOutbox> {
  return ReportOutbox.open(opened, (kind) => dropped.push(kind));
}

function made(kind: ReportClass, name: string, text: string): Report {
  return { class: kind, key: keyOf(name), payload: new TextEncoder().encode(text) };
}

async function texts(outbox: ReportOutbox, limit = 100): Promise<string[]> {
  return (await outbox.take(limit)).map(({ payload }) => new TextDecoder().decode(payload));
}

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

  it('drops the oldest beyond the quota and counts them', async () => {
    const outbox = await outboxOf(store);
    const half = 'x'.repeat(quotaBytes.event / 2);
    for (const name of ['a', 'b', 'c']) await outbox.report(made('event', name, half));
    expect(dropped).toEqual(['event']);
    expect((await outbox.take(9)).map(({ key }) => key)).toEqual([keyOf('b'), keyOf('c')]);
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
        let sent: Awaited<ReturnType<ReportOutbox['take']>> = [];
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
