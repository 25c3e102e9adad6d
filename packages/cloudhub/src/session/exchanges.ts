import type {
  Answer,
  Cancel,
  EdgeFrame,
  HubFrame,
  Question,
  ReportFrame,
  TokenRequest,
} from '@skerry/proto/frames';
import { AnswerDesk } from './answer-desk.ts';
import type { SessionParts } from './session-parts.ts';
import { QuestionDesk, type NodeQuestion } from './question-desk.ts';
import { ReportDesk } from './report-desk.ts';
import { TokenDesk } from './token-desk.ts';

export interface ExchangesParts extends Pick<
  SessionParts,
  'node' | 'upstream' | 'tokens' | 'questions' | 'clock' | 'log' | 'tracing'
> {
  /** Reports that the edge may have unanswered. */
  readonly window: number;
  readonly send: (frame: HubFrame) => void;
}

/** What an edge says in an exchange. */
export type Exchanged = ReportFrame | TokenRequest | Question | Cancel | Answer;

const exchanged: ReadonlySet<EdgeFrame['type']> = new Set<Exchanged['type']>([
  'report',
  'tokenRequest',
  'question',
  'cancel',
  'answer',
]);

export function isExchanged(frame: EdgeFrame): frame is Exchanged {
  return exchanged.has(frame.type);
}

/** What the two ends of a session ask of each other beside deliveries. */
export class Exchanges {
  readonly #parts: ExchangesParts;
  readonly #reports: ReportDesk;
  readonly #tokens: TokenDesk;
  /** Of either kind there is one where somebody has asked something: there are as many sessions as nodes. */
  #questions: QuestionDesk | undefined;
  #answers: AnswerDesk | undefined;

  constructor(parts: ExchangesParts) {
    this.#parts = parts;
    this.#reports = new ReportDesk(parts);
    this.#tokens = new TokenDesk(parts);
  }

  /** False when the edge has asked more than it may. Nothing is answered after `signal` has aborted. */
  take(frame: Exchanged, signal: AbortSignal): boolean {
    switch (frame.type) {
      case 'report':
        return this.#reports.take(frame);
      case 'tokenRequest':
        return this.#tokens.take(frame, signal);
      case 'question':
        this.#answers ??= new AnswerDesk(this.#parts);
        this.#answers.take(frame, signal);
        return true;
      case 'cancel':
        this.#answers?.cancel(frame);
        return true;
      case 'answer':
        this.#questions?.take(frame);
        return true;
    }
  }

  /** Asks the node what only it knows; resolves to JSON. Throws NodeAway, NoAnswer, AnswerRefused. */
  ask(question: NodeQuestion, signal: AbortSignal): Promise<Uint8Array> {
    this.#questions ??= new QuestionDesk(this.#parts);
    return this.#questions.ask(question, signal);
  }

  /** The session is over. */
  end(): void {
    this.#questions?.end();
  }
}
