import type { EdgeFrame, TokenGrant, TokenRefusal, TokenRequest } from '@skerry/proto/frames';
import type { Clock } from '@skerry/shared/clock';
import { EdgeError } from '@skerry/shared/errors';
import { OpenQuestions } from '@skerry/shared/open-questions';

/** How long the hub may take to answer, milliseconds: an API server that is slow must not be asked twice. */
export const tokenAnswerMs = 15_000;

/** Which token is asked for. */
export type TokenQuestion = Omit<TokenRequest, 'type' | 'id'>;

/** There is no token: no link, no answer, or the hub says no. */
export class TokenRefused extends EdgeError {
  readonly code = 'link.token-refused';
  readonly disposition = 'retry';
}

/** Where tokens come from. */
export interface TokenSource {
  /** Resolves to a token; throws TokenRefused with the reason for there being none. */
  ask(question: TokenQuestion, signal: AbortSignal): Promise<TokenGrant>;
  /** Calls `listener` whenever there is a link (again), until the answer is called. */
  whenUp(listener: () => void): () => void;
}

/**
 * Questions to the hub that only a live session answers. Nothing of them is kept: who asked asks again
 * when there is a link.
 */
export class TokenRequests implements TokenSource {
  readonly #clock: Clock;
  readonly #open = new OpenQuestions<TokenGrant | TokenRefusal>();
  readonly #listeners = new Set<() => void>();
  #send: ((frames: readonly EdgeFrame[]) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async ask(question: TokenQuestion, signal: AbortSignal): Promise<TokenGrant> {
    const send = this.#send;
    if (!send) throw new TokenRefused('the hub cannot be reached');
    const answer = await this.#open.ask({
      send: (id) => send([{ type: 'tokenRequest', id, ...question }]),
      patienceMs: tokenAnswerMs,
      ...{ clock: this.#clock, signal },
    });
    if (answer?.type === 'tokenGrant') return answer;
    throw new TokenRefused(answer?.reason ?? 'the hub did not answer');
  }

  whenUp(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A session has begun. */
  attach(send: (frames: readonly EdgeFrame[]) => void): void {
    this.#send = send;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The hub has answered. Answers to what nobody waits for any more are passed over. */
  answer(frame: TokenGrant | TokenRefusal): void {
    this.#open.answer(frame.id, frame);
  }

  /** The session is over: what is open stays without an answer. */
  detach(): void {
    this.#send = undefined;
    this.#open.endAll(() => new TokenRefused('the link was lost'));
  }
}
