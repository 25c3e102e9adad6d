import type {
  Answer,
  Question,
  TokenGrant,
  TokenRefusal,
  TokenRequest,
} from '@skerry/proto/frames';
import type { Clock } from '@skerry/shared/clock';
import type { WindowLimits } from '@skerry/shared/delivery/inflight-window';
import type { ReportOutcome, TimedReport } from '@skerry/shared/delivery/report';
import type { Log } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import type { Socket } from '@skerry/shared/socket';
import type { Tracing } from '@skerry/shared/tracing/tracing';
import type { DeadLetter } from '../ledger/dead-letters.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Needs } from './difference.ts';
import type { CloseReason } from './close-reason.ts';
import type { SessionPhase } from './machine.ts';
import type { ClusterLine } from './resync.ts';

/** A session is dead when nothing was heard for this many heartbeats. */
export const missedHeartbeats = 3;
/** A delivery must be acknowledged within this time, milliseconds; otherwise the session ends. */
export const ackTimeoutMs = 30_000;

/** Bytes that may wait for a peer that does not read; beyond them the connection is cut. */
export const maxBufferedBytes: number = 32 * 1024 * 1024;

/** What a session grants its edge; sent in Welcome. */
export interface SessionLimits {
  readonly window: WindowLimits;
  readonly heartbeatMs: number;
  readonly maxMessageBytes: number;
  readonly reportWindow: number;
}

/** Takes reports to the API server. */
export interface ReportTaker {
  /** Resolves once the report is accepted or refused for good; rejects only when the hub stops. */
  submit(node: NodeName, report: TimedReport): Promise<ReportOutcome>;
}

/** Gets tokens for the pods of a node. */
export interface TokenIssuer {
  /** Resolves to the answer, which may be a refusal; rejects when `signal` aborts. */
  issue(
    node: NodeName,
    request: TokenRequest,
    signal: AbortSignal,
  ): Promise<TokenGrant | TokenRefusal>;
}

/** Knows what nodes ask. */
export interface EdgeQuestions {
  /** Resolves to the answer, which may be a refusal; rejects when `signal` aborts. */
  answer(node: NodeName, question: Question, signal: AbortSignal): Promise<Answer>;
}

/** Counts what happens in sessions; must not throw. */
export interface SessionObserver {
  readonly delivered: (changes: number) => void;
  /** A change is durable at its node, so many milliseconds after it was to be sent there. */
  readonly acked: (ms: number) => void;
  /** A node refused a change for good. */
  readonly refused: (node: NodeName, letter: DeadLetter) => void;
  /** Frames of a kind this version does not know. */
  readonly skipped: (frames: number) => void;
  readonly ended: (why: CloseReason) => void;
}

/** What every session of a hub shares. */
export interface HubParts {
  readonly placement: Needs;
  readonly line: ClusterLine;
  readonly ledger: Ledger;
  readonly upstream: ReportTaker;
  readonly tokens: TokenIssuer;
  /** Absent: what nodes ask is answered with that nobody knows. */
  readonly questions?: EdgeQuestions | undefined;
  readonly liveness: { seen(node: NodeName): void };
  readonly limits: SessionLimits;
  /** Nodes that may be connected at once. */
  readonly maxNodes: number;
  readonly hubVersion: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer: SessionObserver;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

export interface SessionParts extends HubParts {
  readonly node: NodeName;
  readonly id: string;
  readonly socket: Socket;
}

/** A session as people see it. */
export interface SessionView {
  readonly node: NodeName;
  readonly id: string;
  readonly phase: SessionPhase['phase'];
  /** Changes that wait to be sent. */
  readonly pending: number;
  /** Changes sent and not yet acknowledged. */
  readonly inflight: number;
  /** How long the oldest of them has waited, milliseconds; undefined when there is none. */
  readonly oldestMs: number | undefined;
  /** Milliseconds since the epoch. */
  readonly lastAckAt: number | undefined;
  /** Objects that the node has on disk and has not acted upon, as it said last. */
  readonly unapplied: number;
  /** How many changes the node refused. */
  readonly refused: number;
  /** What the node refused, oldest first. */
  readonly dead: () => readonly DeadLetter[];
  /** Of what the node has acknowledged; undefined before it is known. */
  readonly digest: () => Uint8Array | undefined;
}
