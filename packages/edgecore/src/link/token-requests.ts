import type { EdgeFrame, TokenGrant, TokenRefusal, TokenRequest } from '@skerry/proto/frames';
import type { Clock } from '@skerry/shared/clock';
import { EdgeError } from '@skerry/shared/errors';
import { within } from '@skerry/shared/within';

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

interface Open {
  readonly settle: (answer: TokenGrant | TokenRefusal) => void;
}

/**
 * Questions to the hub that only a live session answers. Nothing of them is kept: who asked asks again
 * when there is a link.
 */
export class TokenRequests implements TokenSource {
  readonly #clock: Clock;
  readonly #open = new Map<number, Open>();
  readonly #listeners = new Set<() => void>();
  #send: ((frames: readonly EdgeFrame[]) => void) | undefined;
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async ask(question: TokenQuestion, signal: AbortSignal): Promise<TokenGrant> {
    if (!this.#send) throw new TokenRefused('the hub cannot be reached');
    const id = this.#nextId++;
    const answered = Promise.withResolvers<TokenGrant | TokenRefusal>();
    this.#open.set(id, { settle: answered.resolve });
    this.#send([{ type: 'tokenRequest', id, ...question }]);
    const parts = { clock: this.#clock, signal };
    try {
      const answer = await within(tokenAnswerMs, answered.promise, parts);
      if (answer?.type === 'tokenGrant') return answer;
      throw new TokenRefused(answer?.reason ?? 'the hub did not answer');
    } finally {
      this.#open.delete(id);
    }
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
    this.#open.get(frame.id)?.settle(frame);
  }

  /** The session is over: what is open stays without an answer. */
  detach(): void {
    this.#send = undefined;
    for (const [id, { settle }] of this.#open) settle(refusal(id, 'the link was lost'));
  }
}

function refusal(id: number, reason: string): TokenRefusal {
  return { type: 'tokenRefusal', id, code: 'link.token-refused', reason };
}
