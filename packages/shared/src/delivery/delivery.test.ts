import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../change.ts';
import { keyOf, madeChange, madeTombstone } from '../testing/changes.ts';
import type { ObjectKey, Seq, Version } from '../names.ts';
import { HeldSet } from './held-set.ts';
import { AckOutOfRange, InflightWindow } from './inflight-window.ts';
import { Outbox, type Lane } from './outbox.ts';
import { Sender, maxBytesPerMessage, maxFramesPerMessage } from './sender.ts';

const lanes = fc.constantFrom<Lane>('urgent', 'bulk');
const offer = fc.record({ name: fc.nat(9), lane: lanes, tombstone: fc.boolean() });

/** A script of offers (an object) and takes (null), version by version. */
const script = fc.array(fc.option(offer, { freq: 3 }), { maxLength: 200 });

describe('outbox', () => {
  it('hands out the last change of every object, each object forward only, and then nothing', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const outbox = new Outbox();
        const newest = new Map<ObjectKey, Version>();
        const taken: Change[] = [];
        steps.forEach((step, at) => {
          if (step === null) {
            const next = outbox.take();
            if (next) taken.push(next.change);
            return;
          }
          const { name, lane, tombstone } = step;
          const make = tombstone ? madeTombstone : madeChange;
          const change = make(String(name), at + 1);
          outbox.offer(change, tombstone ? 'urgent' : lane, 0);
          newest.set(change.key, change.version);
        });
        for (let next = outbox.take(); next; next = outbox.take()) taken.push(next.change);
        expect(outbox.size).toBe(0);
        const last = new Map<ObjectKey, Version>();
        for (const { key, version } of taken) {
          expect(version).toBeGreaterThan(last.get(key) ?? 0n);
          last.set(key, version);
        }
        expect(last).toEqual(newest);
      }),
    );
  });

  it('keeps the order in which the objects of one lane first became dirty', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5)), lanes, (names, lane) => {
        const outbox = new Outbox();
        names.forEach((name, at) => outbox.offer(madeChange(String(name), at), lane, 0));
        expect(drain(outbox)).toEqual([...new Set(names)].map((name) => keyOf(String(name))));
      }),
    );
  });

  it('lets urgent changes overtake the bulk, and one of eight be from the bulk all the same', () => {
    const outbox = new Outbox();
    for (let i = 0; i < 3; i++) outbox.offer(madeChange(`bulk-${i}`, 1), 'bulk', 0);
    for (let i = 0; i < 20; i++) outbox.offer(madeChange(`urgent-${i}`, 1), 'urgent', 0);
    const bulk = drain(outbox).flatMap((key, at) => (key.includes('bulk') ? [at] : []));
    expect(bulk).toEqual([7, 15, 22]);
  });

  it('knows since when the object has waited that has waited longest', () => {
    const outbox = new Outbox();
    expect(outbox.since).toBeUndefined();
    outbox.offer(madeChange('a', 1), 'bulk', 10);
    outbox.offer(madeChange('b', 1), 'urgent', 20);
    outbox.offer(madeChange('a', 2), 'bulk', 30);
    expect(outbox.since).toBe(10);
    outbox.take();
    outbox.take();
    expect(outbox.since).toBeUndefined();
  });

  it('lets an object that becomes urgent change over, and never back', () => {
    const outbox = new Outbox();
    for (const name of ['a', 'b', 'c']) outbox.offer(madeChange(name, 1), 'bulk', 0);
    outbox.offer(madeTombstone('c', 2), 'urgent', 0);
    outbox.offer(madeChange('c', 3), 'bulk', 0);
    expect(outbox.take()?.change).toEqual(madeChange('c', 3));
    expect(drain(outbox)).toEqual([keyOf('a'), keyOf('b')]);
  });
});

function drain(outbox: Outbox): ObjectKey[] {
  const drained: ObjectKey[] = [];
  for (let next = outbox.take(); next; next = outbox.take()) drained.push(next.change.key);
  return drained;
}

describe('inflight window', () => {
  it('settles every frame once and in order, whatever the acks', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(40))), (script) => {
        const window = new InflightWindow<number>({ frames: 8, bytes: 1_000 });
        const sent: number[] = [];
        const settled: number[] = [];
        for (const upTo of script) {
          // null sends, a number acks
          if (upTo === null) {
            if (window.admits(1)) sent.push(window.push(sent.length, 1, 0) - 1);
          } else if (upTo > sent.length) {
            expect(() => window.ack(upTo as Seq)).toThrow(AckOutOfRange);
          } else {
            settled.push(...window.ack(upTo as Seq));
          }
        }
        expect([...settled, ...window.unsettled()]).toEqual(sent);
      }),
    );
  });

  it('is full by frames or by bytes, but lets one oversized item through when empty', () => {
    const window = new InflightWindow<string>({ frames: 2, bytes: 10 });
    window.push('huge', 99, 0);
    expect(window.admits(1)).toBe(false);
    window.ack(1 as Seq);
    window.push('a', 4, 5);
    expect(window.admits(6)).toBe(true);
    expect(window.admits(7)).toBe(false);
    window.push('b', 1, 6);
    expect(window.admits(0)).toBe(false);
    expect(window.oldestSentAt).toBe(5);
  });

  it('settles a refused frame alone', () => {
    const window = new InflightWindow<string>({ frames: 8, bytes: 100 });
    for (const item of ['a', 'b', 'c']) window.push(item, 1, 0);
    expect(window.nack(2 as Seq)).toBe('b');
    expect(window.nack(2 as Seq)).toBeUndefined();
    expect(window.ack(3 as Seq)).toEqual(['a', 'c']);
  });
});

describe('sender', () => {
  it('packs a backlog into few messages, bounded in frames and bytes', () => {
    const sender = new Sender({ frames: 1_000, bytes: 100 * maxBytesPerMessage });
    for (let i = 0; i < 40; i++) sender.offer(madeChange(`small-${i}`, 1, 10), 'urgent', 0);
    sender.offer(madeChange('large', 1, maxBytesPerMessage), 'urgent', 0);
    sender.offer(madeChange('after', 1, 10), 'urgent', 0);
    expect(sender.take(0)).toHaveLength(maxFramesPerMessage);
    expect(sender.take(0)).toHaveLength(8);
    expect(sender.take(0).map(({ change }) => change.key)).toEqual([keyOf('large')]);
    expect(sender.take(0)).toHaveLength(1);
    expect(sender.take(0)).toEqual([]);
  });

  it('keeps an eighth of the window free for what is urgent', () => {
    const sender = new Sender({ frames: 16, bytes: 1_000 });
    for (let i = 0; i < 20; i++) sender.offer(madeChange(`bulk-${i}`, 1), 'bulk', 0);
    expect(sender.take(0)).toHaveLength(14);
    sender.offer(madeTombstone('urgent', 2), 'urgent', 0);
    expect(sender.take(0).map(({ change }) => change.key)).toEqual([keyOf('urgent')]);
  });

  it('stops at a full window and goes on after an ack', () => {
    const sender = new Sender({ frames: 2, bytes: 1_000 });
    for (const name of ['a', 'b', 'c']) sender.offer(madeChange(name, 1), 'urgent', 0);
    const first = sender.take(0);
    expect(first.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(sender.take(0)).toEqual([]);
    sender.ack(1 as Seq);
    expect(sender.take(0).map(({ seq }) => seq)).toEqual([3]);
  });
});

describe('held set', () => {
  it('has one digest for one content, however it came about', () => {
    const steps = fc.array(fc.record({ name: fc.nat(4), version: fc.option(fc.nat(9)) }));
    fc.assert(
      fc.property(steps, (script) => {
        const held = new HeldSet();
        for (const { name, version } of script) {
          if (version === null) held.delete(keyOf(String(name)));
          else held.put(madeChange(String(name), version));
        }
        const rebuilt = new HeldSet([...held.values()].toReversed());
        expect(held.agrees(rebuilt.digest())).toBe(true);
        rebuilt.put(madeChange('another', 1));
        expect(held.agrees(rebuilt.digest())).toBe(false);
      }),
    );
  });
});
