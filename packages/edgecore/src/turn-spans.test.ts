import { MalformedName } from '@skerry/shared/names';
import { keyOf } from '@skerry/shared/testing/changes';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { PaperTracing, elsewhere } from '@skerry/shared/testing/paper-tracing';
import { WorkQueue, work, type Requeue } from '@skerry/shared/workqueue';
import type { ObjectKey } from '@skerry/shared/names';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { TurnSpans } from './turn-spans.ts';

const config = keyOf('config');
const pod = keyOf('pod');

let clock: ManualClock;
let tracing: PaperTracing;
let turns: TurnSpans;
let queue: WorkQueue<ObjectKey>;

beforeEach(() => {
  clock = new ManualClock();
  tracing = new PaperTracing(clock);
  turns = new TurnSpans(tracing);
  queue = new WorkQueue(turns);
});

function wake(key: ObjectKey): void {
  turns.woken(key, elsewhere);
  queue.add(key);
}

/** Works until the test ends. */
function reconcileBy(reconcile: (key: ObjectKey) => Promise<Requeue>): void {
  const stop = new AbortController();
  void work({ queue, clock, workers: 1, reconcile, failed: () => undefined }, stop.signal);
  onTestFinished(() => stop.abort(new Error('over')));
}

const appliedKeys = (): unknown[] =>
  tracing.starts('applied').map(({ facts }) => facts?.['skerry.key']);

describe('a change that is followed', () => {
  it('is applied when the turn for its key has ended', async () => {
    const turn = Promise.withResolvers<undefined>();
    wake(pod);
    reconcileBy(() => turn.promise);
    await settle();
    expect(tracing.words()).toEqual(['applied < elsewhere …']);
    turn.resolve(undefined);
    await settle();
    expect(tracing.words()).toEqual(['applied < elsewhere']);
  });

  it('is handed on to the keys that its turn makes dirty', async () => {
    const turn = Promise.withResolvers<undefined>();
    wake(config);
    reconcileBy((key) => {
      if (key === pod) return turn.promise;
      queue.add(pod, key);
      return Promise.resolve(undefined);
    });
    await settle();
    expect(appliedKeys()).toEqual([config, pod]);
    expect(tracing.words()).toEqual(['applied < elsewhere', 'applied < elsewhere …']);
    turn.resolve(undefined);
    await settle();
    expect(tracing.words()).toEqual(['applied < elsewhere', 'applied < elsewhere']);
  });

  it('says what its turn failed with', async () => {
    wake(pod);
    reconcileBy(() => Promise.reject(new MalformedName('no')));
    await settle();
    expect(tracing.words()).toEqual(['applied < elsewhere: name.malformed']);
  });

  it('gives way to a newer one of the same object', async () => {
    wake(pod);
    wake(pod);
    reconcileBy(() => Promise.resolve(undefined));
    await settle();
    expect(tracing.words()).toEqual(['applied < elsewhere: superseded', 'applied < elsewhere']);
  });

  it('that comes during a turn waits for the next', async () => {
    const first = Promise.withResolvers<undefined>();
    const second = Promise.withResolvers<undefined>();
    const results = [first.promise, second.promise];
    wake(pod);
    reconcileBy(() => results.shift() ?? Promise.resolve(undefined));
    await settle();
    wake(pod);
    first.resolve(undefined);
    await settle();
    expect(tracing.words()).toEqual(['applied < elsewhere', 'applied < elsewhere …']);
    second.resolve(undefined);
    await settle();
    expect(tracing.words()).toEqual(['applied < elsewhere', 'applied < elsewhere']);
  });
});
