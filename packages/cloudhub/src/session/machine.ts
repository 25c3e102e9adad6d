import type { CloseReason } from './close-reason.ts';

/** Where a session stands. */
export type SessionPhase =
  /** Connected, nothing said yet. */
  | { readonly phase: 'greeting' }
  /** The edge is telling what it holds. */
  | { readonly phase: 'comparing' }
  /** The difference is on its way; `left` changes of it are not settled. */
  | { readonly phase: 'resyncing'; readonly left: number }
  /** The node is level with the cluster, give or take what is in flight. */
  | { readonly phase: 'streaming' }
  | { readonly phase: 'closed'; readonly why: CloseReason };

export type SessionEvent =
  /** Hello arrived and agrees with the ledger; `missing` changes are to be sent. */
  | { readonly type: 'agreed'; readonly missing: number }
  /** The edge is asked what it holds: its digest is not the ledger's, or its versions cannot be right. */
  | { readonly type: 'asked' }
  /** The edge has told all it holds; `missing` changes are to be sent. */
  | { readonly type: 'compared'; readonly missing: number }
  /** The edge settled this many deliveries. */
  | { readonly type: 'settled'; readonly count: number }
  /** The session ends, wherever it stands. */
  | { readonly type: 'end'; readonly why: CloseReason };

/** Pure. Sockets, ledger and clock live in the caller; this decides. */
export function step(session: SessionPhase, event: SessionEvent): SessionPhase {
  if (session.phase === 'closed') return session;
  if (event.type === 'end') return { phase: 'closed', why: event.why };
  return next(session, event) ?? { phase: 'closed', why: 'session.protocol' };
}

type Open = Exclude<SessionPhase, { phase: 'closed' }>;
type Progress = Exclude<SessionEvent, { type: 'end' }>;

/** Undefined: the event may not come in this phase. */
function next(session: Open, event: Progress): SessionPhase | undefined {
  switch (event.type) {
    case 'agreed':
      return session.phase === 'greeting' ? resyncing(event.missing) : undefined;
    case 'asked':
      return mayBeAsked(session) ? { phase: 'comparing' } : undefined;
    case 'compared':
      return session.phase === 'comparing' ? resyncing(event.missing) : undefined;
    case 'settled':
      if (session.phase === 'resyncing') return resyncing(session.left - event.count);
      return session.phase === 'streaming' ? session : undefined;
  }
}

function mayBeAsked({ phase }: Open): boolean {
  return phase === 'greeting' || phase === 'comparing';
}

function resyncing(left: number): SessionPhase {
  return left > 0 ? { phase: 'resyncing', left } : { phase: 'streaming' };
}
