import { questionWindow } from '@skerry/proto/questions';
import type { HubFrame } from '@skerry/proto/frames';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { AnswerRefused, NoAnswer, NodeAway, QuestionDesk, answerMs } from './question-desk.ts';

const question = { subject: 'weather', body: Uint8Array.of(1) };
const { signal } = new AbortController();

describe('QuestionDesk', () => {
  let clock: ManualClock;
  let sent: HubFrame[];
  let desk: QuestionDesk;

  beforeEach(() => {
    clock = new ManualClock();
    sent = [];
    desk = new QuestionDesk({ clock, send: (frame) => sent.push(frame) });
  });

  const answer = (id: number, code = '', body = Uint8Array.of(id)): void =>
    desk.take({ type: 'answer', id, code, reason: code && 'no weather', body });

  it('brings each answer to who asked, in whatever order they come', async () => {
    const asked = [desk.ask(question, signal), desk.ask(question, signal)];
    expect(sent).toEqual([1, 2].map((id) => ({ type: 'question', id, ...question })));
    answer(2);
    answer(1);
    answer(1, 'late');
    expect(await Promise.all(asked)).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  });

  it('says what the node says, that it says nothing, and that it is gone', async () => {
    const refused = desk.ask(question, signal);
    answer(1, 'question.not-found');
    await expect(refused).rejects.toMatchObject({ why: 'question.not-found' });
    await expect(refused).rejects.toThrow(AnswerRefused);
    const overdue = desk.ask(question, signal);
    const lost = expect(overdue).rejects.toThrow(NoAnswer);
    await clock.advance(answerMs);
    await lost;
    const cutOff = desk.ask(question, signal);
    desk.end();
    await expect(cutOff).rejects.toThrow(NodeAway);
  });

  it('asks a node no more at once than it answers', async () => {
    const asked = Array.from({ length: questionWindow }, () => desk.ask(question, signal));
    await expect(desk.ask(question, signal)).rejects.toThrow(/16 questions .* unanswered/);
    answer(1);
    await asked[0];
    const next = desk.ask(question, signal);
    desk.end();
    await expect(next).rejects.toThrow(NodeAway);
    await Promise.allSettled(asked);
  });

  it('ends with its signal', async () => {
    const left = new AbortController();
    const asked = desk.ask(question, left.signal);
    left.abort(new Error('nobody waits'));
    await expect(asked).rejects.toThrow('nobody waits');
  });
});
