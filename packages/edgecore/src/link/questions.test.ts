import { questionWindow } from '@skerry/proto/questions';
import { beforeEach, describe, expect, it } from 'vitest';
import { QuestionRefused, Questions } from './questions.ts';

const text = new TextDecoder();
const ask = (id: number, subject = 'weather') =>
  ({ type: 'question', id, subject, body: new TextEncoder().encode('{"day":1}') }) as const;

describe('Questions', () => {
  let questions: Questions;

  beforeEach(() => {
    questions = new Questions();
  });

  it('answers with what is known', async () => {
    questions.attach('weather', (body) => Promise.resolve({ asked: text.decode(body) }));
    const { body, ...rest } = await questions.answer(ask(7));
    expect(rest).toEqual({ type: 'answer', id: 7, code: '', reason: '' });
    expect(JSON.parse(text.decode(body))).toEqual({ asked: '{"day":1}' });
  });

  it('says why there is no answer', async () => {
    const refused = (code: string, reason: RegExp) => ({
      code,
      reason: expect.stringMatching(reason) as string,
    });
    const unknown = refused('question.unknown', /no questions about weather/);
    expect(await questions.answer(ask(1))).toMatchObject(unknown);
    const attached = questions.attach('weather', () =>
      Promise.reject(new QuestionRefused('question.not-found', 'no day 1')),
    );
    const notFound = refused('question.not-found', /^no day 1$/);
    expect(await questions.answer(ask(2))).toMatchObject(notFound);
    questions.attach('sea', () => Promise.reject(new Error('disk')));
    expect(await questions.answer(ask(3, 'sea'))).toMatchObject(refused('question.failed', /disk/));
    attached[Symbol.dispose]();
    expect(await questions.answer(ask(4))).toMatchObject(unknown);
  });

  it('answers no more at once than a hub may ask', async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    questions.attach('weather', () => promise);
    const open = Array.from({ length: questionWindow }, (_, id) => questions.answer(ask(id)));
    expect(await questions.answer(ask(99))).toMatchObject({ id: 99, code: 'question.busy' });
    resolve({});
    expect((await Promise.all(open)).map(({ code }) => code)).toEqual(open.map(() => ''));
    expect(await questions.answer(ask(100))).toMatchObject({ code: '' });
  });
});
