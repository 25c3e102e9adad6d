import type { Answer, HubFrame } from '@skerry/proto/frames';
import { questionWindow } from '@skerry/proto/questions';
import type { Clock } from '@skerry/shared/clock';
import { EdgeError } from '@skerry/shared/errors';
import { OpenQuestions } from '@skerry/shared/open-questions';

/** How long a node may take to answer, milliseconds: it reads its disk, over a slow link. */
export const answerMs = 20_000;

/** The node is not connected to this hub, or its session ended before it answered. */
export class NodeAway extends EdgeError {
  readonly code = 'question.node-away';
  readonly disposition = 'retry';
}

/** The node is connected and did not answer in time. */
export class NoAnswer extends EdgeError {
  readonly code = 'question.no-answer';
  readonly disposition = 'retry';
}

/** The node says why it does not tell. */
export class AnswerRefused extends EdgeError {
  readonly code = 'question.refused';
  readonly disposition = 'reject';
  /** One of `answerCodes`, or what a newer agent says. */
  readonly why: string;

  constructor(why: string, reason: string) {
    super(reason);
    this.why = why;
  }
}

/** What a node is asked: JSON about a subject. */
export interface NodeQuestion {
  readonly subject: string;
  readonly body: Uint8Array;
}

export interface QuestionDeskParts {
  readonly clock: Clock;
  readonly send: (frame: HubFrame) => void;
}

/** Questions to one node, and who waits for which answer. */
export class QuestionDesk {
  readonly #parts: QuestionDeskParts;
  readonly #open = new OpenQuestions<Answer>();

  constructor(parts: QuestionDeskParts) {
    this.#parts = parts;
  }

  /** Resolves to the answer's JSON. Throws NodeAway, NoAnswer, AnswerRefused. */
  async ask({ subject, body }: NodeQuestion, signal: AbortSignal): Promise<Uint8Array> {
    if (this.#open.size >= questionWindow)
      throw new NoAnswer(`${this.#open.size} questions to the node are unanswered`);
    const { clock, send } = this.#parts;
    const answer = await this.#open.ask({
      send: (id) => send({ type: 'question', id, subject, body }),
      patienceMs: answerMs,
      ...{ clock, signal },
    });
    if (!answer) throw new NoAnswer(`the node did not answer for ${answerMs / 1_000} s`);
    if (answer.code !== '') throw new AnswerRefused(answer.code, answer.reason);
    return answer.body;
  }

  /** Answers to what nobody waits for any more are passed over. */
  take(answer: Answer): void {
    this.#open.answer(answer.id, answer);
  }

  /** The session is over: what is open stays without an answer. */
  end(): void {
    this.#open.endAll(() => new NodeAway('the node was cut off before it answered'));
  }
}
