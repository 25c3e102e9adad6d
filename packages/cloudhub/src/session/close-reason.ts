import { MalformedFrame } from '@skerry/proto/codec';
import { AckOutOfRange } from '@skerry/shared/delivery/inflight-window';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { MalformedName } from '@skerry/shared/names';

/** Why a session ended. The edge sees it in Goodbye, people in logs and metrics. */
export type CloseReason =
  | 'session.protocol'
  | 'session.version'
  | 'session.wrong-node'
  | 'session.malformed'
  | 'session.silent'
  | 'session.ack-overdue'
  | 'session.slow-reader'
  | 'session.full'
  | 'session.superseded'
  | 'session.rewound'
  | 'session.stopping'
  | 'session.broken'
  | 'session.edge-left';

/** What a peer's mistake is called; anything else is our own failure, and `session.broken`. */
function closeReasonOf(error: unknown): CloseReason {
  if (error instanceof MalformedFrame || error instanceof MalformedName) return 'session.malformed';
  return error instanceof AckOutOfRange ? 'session.protocol' : 'session.broken';
}

/** The same, told to those who read logs: an error where it is ours, a warning where it is the peer's. */
export function loggedReasonOf(error: unknown, log: Log): CloseReason {
  const why = closeReasonOf(error);
  const level = why === 'session.broken' ? 'error' : 'warn';
  log[level]({ code: codeOf(error), reason: messageOf(error) }, 'the session cannot go on');
  return why;
}
