import type { TokenIssuer } from '../session-parts.ts';

/** For hubs whose nodes ask for no tokens. */
export const tokenless: TokenIssuer = {
  issue: (_node, { id }) =>
    Promise.resolve({ type: 'tokenRefusal', id, code: 'test.tokenless', reason: 'none here' }),
};
