import type { Answer, Question } from '@skerry/proto/frames';
import {
  answerCodes,
  questionWindow,
  refusedAnswer,
  type AnswerCode,
} from '@skerry/proto/questions';
import { EdgeError, messageOf } from '@skerry/shared/errors';

/** Who answers cannot, and says why. */
export class QuestionRefused extends EdgeError {
  readonly code = 'question.refused';
  readonly disposition = 'reject';
  readonly why: AnswerCode;

  constructor(why: AnswerCode, reason: string) {
    super(reason);
    this.why = why;
  }
}

/** Resolves to what becomes JSON; throws QuestionRefused. */
export type Answerer = (body: Uint8Array) => Promise<object>;

const textEncoder = new TextEncoder();

/** What a hub asks on behalf of people there, and who of this agent knows it. */
export class Questions {
  readonly #answerers = new Map<string, Answerer>();
  #open = 0;

  /** Answers questions about `subject` until the result is disposed. */
  attach(subject: string, answerer: Answerer): Disposable {
    this.#answerers.set(subject, answerer);
    return { [Symbol.dispose]: () => void this.#answerers.delete(subject) };
  }

  /** Never rejects: a question that cannot be answered is answered with why. */
  async answer({ id, subject, body }: Question): Promise<Answer> {
    if (this.#open >= questionWindow)
      return refusedAnswer(id, answerCodes.busy, `${this.#open} questions are being answered`);
    this.#open++;
    try {
      const known = await this.#about(subject)(body);
      const json = textEncoder.encode(JSON.stringify(known));
      return { type: 'answer', id, code: '', reason: '', body: json };
    } catch (error) {
      const why = error instanceof QuestionRefused ? error.why : answerCodes.failed;
      return refusedAnswer(id, why, messageOf(error));
    } finally {
      this.#open--;
    }
  }

  #about(subject: string): Answerer {
    const answerer = this.#answerers.get(subject);
    if (answerer) return answerer;
    throw new QuestionRefused(
      answerCodes.unknown,
      `this agent answers no questions about ${subject} now`,
    );
  }
}
