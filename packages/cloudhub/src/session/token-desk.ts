import type { HubFrame, TokenRequest } from '@skerry/proto/frames';
import { codeOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import type { TokenIssuer } from './session-parts.ts';

/** Requests of one node that may be unanswered: more pods than a node runs. */
export const tokenWindow = 1_024;

export interface TokenDeskParts {
  readonly node: NodeName;
  readonly tokens: TokenIssuer;
  readonly send: (frame: HubFrame) => void;
  readonly log: Log;
}

/** Hands one node's requests for tokens on, and answers each. */
export class TokenDesk {
  readonly #parts: TokenDeskParts;
  #unanswered = 0;

  constructor(parts: TokenDeskParts) {
    this.#parts = parts;
  }

  /** False when the edge has asked more than it may. Nothing is sent after `signal` has aborted. */
  take(request: TokenRequest, signal: AbortSignal): boolean {
    const { tokens, node, send, log } = this.#parts;
    if (this.#unanswered >= tokenWindow) return false;
    this.#unanswered++;
    tokens
      .issue(node, request, signal)
      .finally(() => this.#unanswered--)
      .then((answer) => {
        if (!signal.aborted) send(answer);
      })
      .catch((error: unknown) =>
        log.debug({ code: codeOf(error) }, 'a token request stays unanswered'),
      );
    return true;
  }
}
