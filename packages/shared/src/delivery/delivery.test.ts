import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../change.ts';
import { keyOf, madeChange } from '../testing/changes.ts';
import type { Seq } from '../names.ts';
import { HeldSet } from './held-set.ts';
import { AckOutOfRange, InflightWindow } from './inflight-window.ts';
import { Outbox } from './outbox.ts';
import { Sender, maxBytesPerMessage, maxFramesPerMessage } from './sender.ts';

describe('outbox', () => {
  it('keeps the last change per object, in the order in which objects first became dirty', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ name: fc.nat(5), version: fc.nat(20) })), (offers) => {
        const outbox = new Outbox();
        const newest = new Map<string, number>();
        for (const { name, version } of offers) {
          outbox.offer(madeChange(String(name), version));
          newest.set(String(name), version);
        }
        const drained: Change[] = [];
        for (let next = outbox.take(); next; next = outbox.take()) drained.push(next);
        expect(drained.map((change) => [change.key, change.version])).toEqual(
          [...newest].map(([name, version]) => [keyOf(name), BigInt(version)]),
        );
      }),
    );
  });
});

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
    for (let i = 0; i < 40; i++) sender.offer(madeChange(`small-${i}`, 1, 10));
    sender.offer(madeChange('large', 1, maxBytesPerMessage));
    sender.offer(madeChange('after', 1, 10));
    expect(sender.take(0)).toHaveLength(maxFramesPerMessage);
    expect(sender.take(0)).toHaveLength(8);
    expect(sender.take(0).map(({ change }) => change.key)).toEqual([keyOf('large')]);
    expect(sender.take(0)).toHaveLength(1);
    expect(sender.take(0)).toEqual([]);
  });

  it('stops at a full window and goes on after an ack', () => {
    const sender = new Sender({ frames: 2, bytes: 1_000 });
    for (const name of ['a', 'b', 'c']) sender.offer(madeChange(name, 1));
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
