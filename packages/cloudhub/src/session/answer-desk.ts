import type { Cancel, HubFrame, Question } from '@skerry/proto/frames';
import { answerCodes, edgeQuestionWindow, refusedAnswer } from '@skerry/proto/questions';
import { codeOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import type { EdgeQuestions } from './session-parts.ts';

export interface AnswerDeskParts {
  readonly node: NodeName;
  /** Absent: nothing is known here. */
  readonly questions?: EdgeQuestions | undefined;
  readonly send: (frame: HubFrame) => void;
  readonly log: Log;
}

/** What one node asks, and how far the answers are. */
export class AnswerDesk {
  readonly #parts: AnswerDeskParts;
  readonly #open = new Map<number, AbortController>();

  constructor(parts: AnswerDeskParts) {
    this.#parts = parts;
  }

  /** Answers, be it with why not. Nothing is sent after a cancel, or after `signal` has aborted. */
  take(question: Question, signal: AbortSignal): void {
    const { node, questions, send, log } = this.#parts;
    const { id, subject } = question;
    if (!questions) {
      send(refusedAnswer(id, answerCodes.unknown, `no ${subject} is told here`));
      return;
    }
    if (this.#open.size >= edgeQuestionWindow || this.#open.has(id)) {
      send(refusedAnswer(id, answerCodes.busy, `${this.#open.size} questions are open`));
      return;
    }
    const cancelled = new AbortController();
    const wanted = AbortSignal.any([signal, cancelled.signal]);
    this.#open.set(id, cancelled);
    questions
      .answer(node, question, wanted)
      .finally(() => this.#open.delete(id))
      .then((answer) => {
        if (!wanted.aborted) send(answer);
      })
      .catch((error: unknown) => log.debug({ code: codeOf(error) }, 'a question stays unanswered'));
  }

  /** What nobody waits for any more takes nobody's time. */
  cancel({ id }: Cancel): void {
    this.#open.get(id)?.abort(new DOMException('nobody waits', 'AbortError'));
  }
}
