import { beforeEach, describe, expect, it } from 'vitest';
import { OpenQuestions } from './open-questions.ts';
import { ManualClock } from './testing/manual-clock.ts';

describe('open questions', () => {
  let clock: ManualClock;
  let open: OpenQuestions<string>;
  let sent: number[];
  let given: number[];
  const stop = new AbortController();
  const ask = (signal: AbortSignal = stop.signal): Promise<string | undefined> =>
    open.ask({
      send: (id) => void sent.push(id),
      patienceMs: 100,
      ...{ clock, signal },
      unanswered: (id) => void given.push(id),
    });
  beforeEach(() => {
    [clock, open, sent, given] = [new ManualClock(), new OpenQuestions(), [], []];
  });

  it('are answered by number, in any order', async () => {
    const both = [ask(), ask()];
    expect([sent, open.size]).toEqual([[1, 2], 2]);
    open.answer(2, 'two');
    open.answer(1, 'one');
    expect(await Promise.all(both)).toEqual(['one', 'two']);
    expect([given, open.size]).toEqual([[], 0]);
  });

  it('are given up in time, and what is answered later is passed over', async () => {
    const asked = ask();
    await clock.advance(100);
    expect(await asked).toBeUndefined();
    expect([given, open.size]).toEqual([[1], 0]);
    open.answer(1, 'late');
  });

  it('are given up when nobody wants to know any more', async () => {
    const mine = new AbortController();
    const asked = ask(mine.signal);
    mine.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    expect([given, open.size]).toEqual([[1], 0]);
  });

  it('end all at once, each with a reason', async () => {
    const both = [ask(), ask()];
    open.endAll(() => new Error('the link was lost'));
    for (const one of both) await expect(one).rejects.toThrow('the link was lost');
    expect([given, open.size]).toEqual([[1, 2], 0]);
  });

  it('leave nothing behind of one that cannot be sent', async () => {
    const send = (): void => {
      throw new Error('too large');
    };
    const { signal } = stop;
    await expect(open.ask({ send, patienceMs: 100, clock, signal })).rejects.toThrow('too large');
    expect(open.size).toBe(0);
  });
});
