import type { Clock } from './clock.ts';
import { within } from './within.ts';

export interface Asking {
  /** Puts the question on its way, under this number. */
  readonly send: (id: number) => void;
  /** How long an answer may take, milliseconds. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Nobody waits for an answer any more, and there was none. */
  readonly unanswered?: (id: number) => void;
}

/** What was asked over a link that answers by number, and who waits for which answer. */
export class OpenQuestions<Answer> {
  readonly #open = new Map<number, PromiseWithResolvers<Answer>>();
  #nextId = 1;

  /** How many are not answered yet. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Resolves to the answer; undefined: there was none in time. Rejects with what ends all of them, and with
   * the signal's reason.
   */
  async ask({ send, patienceMs, clock, signal, unanswered }: Asking): Promise<Answer | undefined> {
    const id = this.#nextId++;
    const answered = Promise.withResolvers<Answer>();
    answered.promise.catch(() => undefined); // when nobody waits any more
    this.#open.set(id, answered);
    let answer: Answer | undefined;
    try {
      send(id);
      answer = await within(patienceMs, answered.promise, { clock, signal });
      return answer;
    } finally {
      this.#open.delete(id);
      if (answer === undefined) unanswered?.(id);
    }
  }

  /** Answers to what nobody waits for any more are passed over. */
  answer(id: number, answer: Answer): void {
    this.#open.get(id)?.resolve(answer);
  }

  /** What is open stays without an answer: who waits is told why. */
  endAll(why: () => Error): void {
    for (const { reject } of this.#open.values()) reject(why());
  }
}
