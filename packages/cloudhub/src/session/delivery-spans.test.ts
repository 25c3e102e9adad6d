import type { Deliver, HubFrame } from '@skerry/proto/frames';
import { nodeName, type Seq } from '@skerry/shared/names';
import { madeChange } from '@skerry/shared/testing/changes';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { PaperTracing, elsewhere } from '@skerry/shared/testing/paper-tracing';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeliveryDesk } from './delivery-desk.ts';
import { traceChanges, traceMissing } from './trace-changes.ts';

const node = nodeName('edge-1');
const seq = (n: number): Seq => n as Seq;

let clock: ManualClock;
let tracing: PaperTracing;
let sent: Deliver[];
let desk: DeliveryDesk;

beforeEach(async () => {
  clock = new ManualClock();
  tracing = new PaperTracing(clock);
  sent = [];
  desk = new DeliveryDesk({
    ...{ node, tracing, clock, window: { frames: 8, bytes: 1_000 } },
    send: (frames: readonly HubFrame[]) =>
      sent.push(...frames.filter((frame): frame is Deliver => frame.type === 'deliver')),
    delivered: () => undefined,
    acked: () => undefined,
  });
  desk.offer({ ...madeChange('a', 1), trace: elsewhere }, 'urgent');
  desk.offer(madeChange('b', 2), 'urgent');
  desk.offer({ ...madeChange('c', 3), trace: elsewhere }, 'urgent');
  await clock.advance(30);
  desk.open();
  await settle();
});

const waited = ['queued < elsewhere', 'queued < elsewhere'];

describe('traced changes', () => {
  it('say how long they waited and are followed to their node, the others are not', () => {
    expect(sent.map(({ traceparent }) => traceparent === undefined)).toEqual([false, true, false]);
    expect(tracing.starts('queued')[0]).toMatchObject({ since: clock.now() - 30 });
    expect(tracing.starts('sent')[0]).toMatchObject({ facts: { 'k8s.node.name': 'edge-1' } });
  });

  it('have been sent when they are acknowledged or refused', () => {
    desk.nack(seq(3), 'store.full');
    desk.ack(seq(2));
    expect(tracing.words().toSorted()).toEqual([
      ...waited,
      'sent < elsewhere',
      'sent < elsewhere: store.full',
    ]);
  });

  it('are lost with their session', () => {
    desk.ack(seq(1));
    desk.close();
    expect(tracing.words().toSorted()).toEqual([
      ...waited,
      'sent < elsewhere',
      'sent < elsewhere: the session ended',
    ]);
  });
});

describe('a trace', () => {
  const news = (name: string) => ({ node, change: madeChange(name, 7), lane: 'bulk' }) as const;

  it('is shared by all nodes that need what has changed', () => {
    const [first, second, other] = traceChanges(tracing, [news('x'), news('x'), news('y')]);
    expect(first?.change.trace).toBeDefined();
    expect(second?.change.trace).toBe(first?.change.trace);
    expect(other?.change.trace).not.toBe(first?.change.trace);
    expect(tracing.starts('change')).toHaveLength(2);
  });

  it('of what a node lacks says that it catches up', () => {
    const [missing] = traceMissing(tracing, [news('x')]);
    expect(missing?.change.trace).toBeDefined();
    expect(tracing.words().at(-1)).toBe('catch-up');
    expect(traceMissing(undefined, [news('x')])).toEqual([news('x')]);
  });
});
