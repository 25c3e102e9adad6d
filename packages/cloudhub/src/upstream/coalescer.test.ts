import type { ReportOutcome } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Forbidden, Throttled, Unavailable } from '../kube/kube-errors.ts';
import { Coalescer, upstreamBackoff } from './coalescer.ts';
import { accepted, type Submission } from './report-writer.ts';

interface Attempt {
  readonly submission: Submission;
  readonly end: PromiseWithResolvers<ReportOutcome>;
}

let clock: ManualClock;
let stop: AbortController;
let attempts: Attempt[];
let retried: string[];
let coalescer: Coalescer;
let running: Promise<void>;

beforeEach(() => {
  clock = new ManualClock();
  stop = new AbortController();
  attempts = [];
  retried = [];
  coalescer = coalescerWith({ spacingMs: 0 });
  running = coalescer.run(stop.signal);
});

function coalescerWith({ spacingMs }: { readonly spacingMs: number }): Coalescer {
  return new Coalescer({
    write: (submission, signal) => {
      const end = Promise.withResolvers<ReportOutcome>();
      signal.addEventListener('abort', () => end.reject(signal.reason as Error));
      attempts.push({ submission, end });
      return end.promise;
    },
    concurrency: 2,
    spacingMs,
    clock,
    random: () => 0.999,
    log: silentLog,
    onRetry: (code) => retried.push(code),
  });
}

afterEach(async () => {
  stop.abort();
  await running;
});

function submit(key: string, payload: unknown = key, node = 'edge-1'): Promise<ReportOutcome> {
  const submission = { node: node as NodeName, key: key as ObjectKey, payload };
  const outcome = coalescer.submit(submission, 'bulk');
  outcome.catch(() => undefined); // what is left when a test ends is rejected
  return outcome;
}

const payloads = (): unknown[] => attempts.map(({ submission }) => submission.payload);

describe('Coalescer', () => {
  it('lets a key rest after a write, and writes the newest of what came meanwhile', async () => {
    coalescer = coalescerWith({ spacingMs: 200 });
    const resting = coalescer.run(stop.signal);
    void submit('a', 1);
    await settle();
    attempts[0]?.end.resolve(accepted);
    await settle();
    void submit('a', 2);
    void submit('a', 3);
    void submit('b', 4);
    await settle();
    expect(payloads()).toEqual([1, 4]);
    await clock.advance(200);
    await settle();
    expect(payloads()).toEqual([1, 4, 3]);
    stop.abort();
    await resting;
  });

  it('writes a key once at a time, and of what arrives meanwhile only the newest', async () => {
    const outcomes = [submit('a', 1)];
    await settle();
    outcomes.push(submit('a', 2), submit('a', 3), submit('a', 4));
    await settle();
    expect(payloads()).toEqual([1]);
    attempts[0]?.end.resolve(accepted);
    await settle();
    expect(payloads()).toEqual([1, 4]);
    attempts[1]?.end.resolve({ do: 'refused', code: 'x.y', reason: 'no' });
    expect((await Promise.all(outcomes)).map((outcome) => outcome.do)).toEqual([
      'accepted',
      'refused',
      'refused',
      'refused',
    ]);
    expect(coalescer.pending).toBe(0);
  });

  it('does not answer a replaced report before the newer one is written', async () => {
    void submit('a', 1);
    await settle();
    let answered = false;
    const replaced = submit('a', 2).then(() => (answered = true));
    void submit('a', 3);
    attempts[0]?.end.resolve(accepted);
    await settle();
    expect(answered).toBe(false);
    attempts[1]?.end.resolve(accepted);
    await replaced;
  });

  it('tries again what may be tried again, with the newest', async () => {
    const first = submit('a', 1);
    await settle();
    const second = submit('a', 2);
    attempts[0]?.end.reject(new Unavailable('down'));
    await settle();
    expect(payloads()).toEqual([1]);
    await clock.advance(upstreamBackoff.firstMs);
    expect(payloads()).toEqual([1, 2]);
    attempts[1]?.end.resolve(accepted);
    expect(await Promise.all([first, second])).toEqual([accepted, accepted]);
    expect(retried).toEqual(['kube.unavailable']);
  });

  it('goes on with other keys while one waits to be tried again', async () => {
    void submit('a');
    void submit('b');
    void submit('c');
    await settle();
    attempts[0]?.end.reject(new Unavailable('down'));
    await settle();
    expect(payloads()).toEqual(['a', 'b', 'c']);
  });

  it('refuses for good what the server forbids, and what trips over a bug', async () => {
    const forbidden = submit('a');
    const tripping = submit('b');
    await settle();
    attempts[0]?.end.reject(new Forbidden('not yours'));
    attempts[1]?.end.reject(new TypeError('cannot read properties of undefined'));
    expect(await forbidden).toMatchObject({ do: 'refused', code: 'kube.forbidden' });
    expect(await tripping).toMatchObject({ do: 'refused', code: 'internal.unexpected' });
  });

  it('leaves a server alone that asks for it', async () => {
    void submit('a');
    await settle();
    attempts[0]?.end.reject(new Throttled('slow down', 5_000));
    await settle();
    void submit('b');
    await clock.advance(4_999);
    expect(payloads()).toEqual(['a']);
    await clock.advance(1);
    expect(payloads().slice(1).sort()).toEqual(['a', 'b']);
  });

  it('keeps two nodes apart that speak of the same key', async () => {
    void submit('a', 'mine', 'edge-1');
    void submit('a', 'theirs', 'edge-2');
    await settle();
    expect(payloads()).toEqual(['mine', 'theirs']);
  });

  it('rejects what waits, and what comes later, when it stops', async () => {
    const [begun, queued, more] = [submit('a'), submit('b'), submit('c')];
    await settle();
    stop.abort();
    await running;
    for (const outcome of [begun, queued, more, submit('d')])
      await expect(outcome).rejects.toThrow();
  });

  it('ends with the newest of every key written, whatever fails', async () => {
    const step = fc.oneof(
      fc.record({ submit: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ end: fc.constantFrom('accept', 'retry') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (script) => {
        const newest = new Map<string, number>();
        const outcomes: Promise<ReportOutcome>[] = [];
        let ended = 0;
        attempts.length = 0;
        const written = new Map<string, unknown>();
        const end = (how: string): void => {
          const attempt = attempts[ended];
          if (!attempt) return;
          ended++;
          if (how === 'retry') attempt.end.reject(new Unavailable('down'));
          else {
            written.set(attempt.submission.key, attempt.submission.payload);
            attempt.end.resolve(accepted);
          }
        };
        for (const [n, act] of script.entries()) {
          if ('submit' in act) {
            newest.set(act.submit, n);
            outcomes.push(submit(act.submit, n));
          } else end(act.end);
          await settle();
        }
        while (coalescer.pending > 0) {
          end('accept');
          await clock.advance(upstreamBackoff.maxMs);
        }
        await Promise.all(outcomes);
        expect(written).toEqual(newest);
      }),
      { numRuns: 50 },
    );
  });
});
