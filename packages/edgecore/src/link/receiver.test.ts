import type { Deliver, EdgeFrame } from '@skerry/proto/frames';
import { silentLog } from '@skerry/shared/log';
import type { ObjectKey } from '@skerry/shared/names';
import { StoreWriteFailed } from '@skerry/shared/store';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { PaperTracing, elsewhere } from '@skerry/shared/testing/paper-tracing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../meta/meta-store.ts';
import { Receiver } from './receiver.ts';

let commits: PromiseWithResolvers<undefined>[];
let outcome: Outcome;
let said: string[];
let tracing: PaperTracing;
let receiver: Receiver;

beforeEach(() => {
  commits = [];
  outcome = 'applied';
  said = [];
  tracing = new PaperTracing(new ManualClock());
  receiver = new Receiver({
    tracing,
    apply: (changes) => {
      const commit = Promise.withResolvers<undefined>();
      commits.push(commit);
      return {
        outcomes: changes.map(() => outcome),
        durable: commit.promise.then(() => undefined),
      };
    },
    send: (frames) => said.push(...frames.map(inWords)),
    wake: (key: ObjectKey) => said.push(`wake ${key}`),
    log: silentLog,
  });
});

function inWords(frame: EdgeFrame): string {
  return 'seq' in frame ? `${frame.type} ${frame.seq}` : frame.type;
}

function delivery(seq: number, uid = 'u'): Deliver {
  const object = new Uint8Array();
  const name = `c${seq}`;
  const key = { resource: 'configmaps', namespace: 'default', name };
  return { type: 'deliver', seq, ...key, uid, version: '7', object, withdrawn: false };
}

describe('a receiver', () => {
  it('commits, then acknowledges, then wakes (G3)', async () => {
    const taken = receiver.take([delivery(1), delivery(2)]);
    expect(said).toEqual([]);
    commits[0]?.resolve(undefined);
    await taken;
    expect(said).toEqual(['ack 2', 'wake configmaps/default/c1', 'wake configmaps/default/c2']);
  });

  it('acknowledges what needs no commit only after everything before it', async () => {
    const first = receiver.take([delivery(1)]);
    outcome = 'stale';
    const second = receiver.take([delivery(2)]);
    commits[1]?.resolve(undefined);
    await Promise.resolve();
    expect(said).toEqual([]);
    commits[0]?.resolve(undefined);
    await Promise.all([first, second]);
    expect(said).toEqual(['ack 1', 'wake configmaps/default/c1', 'ack 2']);
  });

  it('acknowledges nothing after a commit that failed', async () => {
    const first = receiver.take([delivery(1)]);
    const second = receiver.take([delivery(2)]);
    commits[0]?.reject(new StoreWriteFailed('no space left'));
    commits[1]?.resolve(undefined);
    await expect(first).rejects.toThrow(StoreWriteFailed);
    await expect(second).rejects.toThrow(StoreWriteFailed);
    expect(said).toEqual([]);
  });

  it('refuses what cannot be meant, and takes the rest', async () => {
    const taken = receiver.take([delivery(1, ''), delivery(2)]);
    expect(said).toEqual(['nack 1']);
    commits[0]?.resolve(undefined);
    await taken;
    expect(said).toEqual(['nack 1', 'ack 2', 'wake configmaps/default/c2']);
  });

  it('says of a traced delivery when it is durable and acknowledged', async () => {
    const taken = receiver.take([delivery(1), { ...delivery(2), traceparent: elsewhere }]);
    expect(tracing.words()).toEqual(['received < elsewhere …', 'persisted < received …']);
    commits[0]?.resolve(undefined);
    await taken;
    expect(tracing.words()).toEqual(['received < elsewhere', 'persisted < received']);
  });

  it('says of a traced delivery that it was refused, or that the disk refused it', async () => {
    const traced = { traceparent: elsewhere };
    const taken = receiver.take([
      { ...delivery(1, ''), ...traced },
      { ...delivery(2), ...traced },
    ]);
    commits[0]?.reject(new StoreWriteFailed('no space left'));
    await expect(taken).rejects.toThrow(StoreWriteFailed);
    expect(tracing.words()).toEqual([
      'received < elsewhere: name.malformed',
      'persisted < received: name.malformed',
      'received < elsewhere: store.write-failed',
      'persisted < received: store.write-failed',
    ]);
  });

  it('takes what is no trace context for none', async () => {
    const taken = receiver.take([{ ...delivery(1), traceparent: 'rubbish' }]);
    commits[0]?.resolve(undefined);
    await taken;
    expect([said.at(0), tracing.words()]).toEqual(['ack 1', []]);
  });

  it('ends at a delivery out of order', () => {
    expect(() => void receiver.take([delivery(2)])).toThrow('delivery 2 came after 0');
  });
});
