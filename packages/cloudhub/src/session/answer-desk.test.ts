import type { Answer, HubFrame, Question } from '@skerry/proto/frames';
import { edgeQuestionWindow } from '@skerry/proto/questions';
import { silentLog } from '@skerry/shared/log';
import { nodeName, type NodeName } from '@skerry/shared/names';
import { settle } from '@skerry/shared/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { AnswerDesk } from './answer-desk.ts';

const node = nodeName('edge-1');
const { signal } = new AbortController();

const question = (id: number): Question => ({
  ...{ type: 'question', id, subject: 'weather', body: Uint8Array.of(id) },
});
const answerTo = (id: number): Answer => ({
  ...{ type: 'answer', id, code: '', reason: '', body: Uint8Array.of(id) },
});

interface Asked extends PromiseWithResolvers<Answer> {
  readonly node: NodeName;
  readonly signal: AbortSignal;
}

describe('what a node asks', () => {
  let sent: HubFrame[];
  let asked: Asked[];
  let desk: AnswerDesk;

  beforeEach(() => {
    [sent, asked] = [[], []];
    const answer = (name: NodeName, _question: Question, wanted: AbortSignal): Promise<Answer> => {
      const one = { ...Promise.withResolvers<Answer>(), node: name, signal: wanted };
      asked.push(one);
      return one.promise;
    };
    const send = (frame: HubFrame): void => void sent.push(frame);
    desk = new AnswerDesk({ node, questions: { answer }, send, log: silentLog });
  });

  it('is answered for that node, as soon as each answer is known', async () => {
    desk.take(question(1), signal);
    desk.take(question(2), signal);
    expect(asked.map(({ node: name }) => name)).toEqual([node, node]);
    asked[1]?.resolve(answerTo(2));
    await settle();
    expect(sent).toEqual([answerTo(2)]);
    asked[0]?.resolve(answerTo(1));
    await settle();
    expect(sent).toEqual([answerTo(2), answerTo(1)]);
  });

  it('is not answered beyond the window until another answer has gone', async () => {
    for (let id = 1; id <= edgeQuestionWindow + 1; id++) desk.take(question(id), signal);
    expect(asked).toHaveLength(edgeQuestionWindow);
    expect(sent).toMatchObject([{ id: edgeQuestionWindow + 1, code: 'question.busy' }]);
    asked[0]?.resolve(answerTo(1));
    await settle();
    desk.take(question(9), signal);
    expect(asked).toHaveLength(edgeQuestionWindow + 1);
  });

  it('is given up when it is cancelled, and when the session ends', async () => {
    const ended = new AbortController();
    desk.take(question(1), ended.signal);
    desk.take(question(2), ended.signal);
    desk.cancel({ type: 'cancel', id: 1 });
    desk.cancel({ type: 'cancel', id: 7 });
    expect(asked.map((one) => one.signal.aborted)).toEqual([true, false]);
    ended.abort();
    for (const [at, one] of asked.entries()) one.resolve(answerTo(at + 1));
    await settle();
    expect(sent).toEqual([]);
  });

  it('nobody knows at a hub that knows nothing', () => {
    const send = (frame: HubFrame): void => void sent.push(frame);
    new AnswerDesk({ node, send, log: silentLog }).take(question(1), signal);
    expect(sent).toMatchObject([{ id: 1, code: 'question.unknown' }]);
  });
});
