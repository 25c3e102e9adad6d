import type { Answer, EdgeFrame } from '@skerry/proto/frames';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { HubAway, HubBusy, HubQuestions, HubRefused, hubAnswerMs } from './hub-questions.ts';

const { signal } = new AbortController();
const answer = (id: number, code = ''): Answer => ({
  ...{ type: 'answer', id, code, reason: code && 'no weather', body: Uint8Array.of(id) },
});

describe('what the agent asks the hub', () => {
  let clock: ManualClock;
  let questions: HubQuestions;
  let sent: EdgeFrame[];
  const ask = (wanted = signal): Promise<Uint8Array> => questions.ask('weather', { at: 1 }, wanted);

  beforeEach(() => {
    clock = new ManualClock();
    questions = new HubQuestions(clock);
    sent = [];
    questions.attach((frames) => sent.push(...frames), 2);
  });

  it('comes back to who asked, in whatever order', async () => {
    const asked = [ask(), ask()];
    expect(sent.map((frame) => frame.type === 'question' && frame.id)).toEqual([1, 2]);
    questions.answer(answer(2));
    questions.answer(answer(1));
    questions.answer(answer(1, 'late'));
    expect(await Promise.all(asked)).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
    expect(sent).toHaveLength(2);
  });

  it('is refused in the words of the hub', async () => {
    const asked = ask();
    questions.answer(answer(1, 'kube.forbidden'));
    await expect(asked).rejects.toMatchObject({ why: 'kube.forbidden', message: 'no weather' });
    await expect(asked).rejects.toThrow(HubRefused);
  });

  it('is no more at once than the hub takes, and nothing where it is too old to be asked', async () => {
    const asked = [ask(), ask()];
    await expect(ask()).rejects.toThrow(HubBusy);
    questions.answer(answer(1));
    await asked[0];
    const next = ask();
    questions.detach();
    await expect(next).rejects.toThrow(HubAway);
    await expect(asked[1]).rejects.toThrow('the link was lost');
    await expect(ask()).rejects.toThrow('the hub cannot be reached');
    questions.attach((frames) => sent.push(...frames), 0);
    await expect(ask()).rejects.toThrow('too old');
  });

  it('is called off when nobody waits any more, or for too long', async () => {
    const left = new AbortController();
    const asked = ask(left.signal);
    left.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    expect(sent.at(-1)).toEqual({ type: 'cancel', id: 1 });
    const lost = expect(ask()).rejects.toThrow('did not answer for 20 s');
    await clock.advance(hubAnswerMs);
    await lost;
    expect(sent.at(-1)).toEqual({ type: 'cancel', id: 2 });
  });
});
