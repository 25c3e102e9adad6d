/** Major version of the protocol. A peer with another one is refused. */
export const protocolVersion = 1;

/** Edge to hub, once, first. */
export interface Hello {
  readonly type: 'hello';
  readonly protocol: number;
  readonly node: string;
  readonly agentVersion: string;
  /** Changes with every boot of the machine. */
  readonly bootId: string;
  /** Order-independent digest of every (key, uid, version) held, 16 bytes. */
  readonly digest: Uint8Array;
  /** How many objects are held. */
  readonly held: number;
  /** Which number line the versions lie on, as a hub said; 0: none has. */
  readonly epoch: number;
  /** The highest version ever taken in on that line. */
  readonly horizon: string;
}

/** Hub to edge, the answer to Hello. */
export interface Welcome {
  readonly type: 'welcome';
  readonly protocol: number;
  readonly session: string;
  /** Deliver frames that may be unacknowledged. */
  readonly windowFrames: number;
  /** Bytes of objects that may be unacknowledged. */
  readonly windowBytes: number;
  /** The edge sends a heartbeat this often, milliseconds. */
  readonly heartbeatMs: number;
  /** Largest WebSocket message the hub accepts, bytes. */
  readonly maxMessageBytes: number;
  /** Report frames that may be unacknowledged. */
  readonly reportWindow: number;
  readonly hubVersion: string;
  /** Questions of the edge that may be unanswered; 0: an older hub, which answers none. */
  readonly questionWindow: number;
}

/** Hub to edge: say what you hold. */
export interface HeldRequest {
  readonly type: 'heldRequest';
  /** The number line on which the versions lie from now on. */
  readonly epoch: number;
  /** The versions held are of another line: keep the objects, and hold them at version 0. */
  readonly forget: boolean;
}

/** Edge to hub: what is held, in one or more parts. */
export interface Held {
  readonly type: 'held';
  readonly objects: readonly HeldObject[];
  /** More parts follow. */
  readonly more: boolean;
}

export interface HeldObject {
  readonly key: string;
  readonly uid: string;
  readonly version: string;
}

/**
 * Hub to edge: one change. Without an object it is a tombstone: the object was deleted or, `withdrawn`,
 * is no longer this node's.
 */
export interface Deliver {
  readonly type: 'deliver';
  readonly seq: number;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly version: string;
  readonly object?: Uint8Array | undefined;
  readonly withdrawn: boolean;
  /** W3C Trace Context, where this change is traced. */
  readonly traceparent?: string | undefined;
}

/** Hub to edge, once a session: the whole difference found at Hello is acknowledged. */
export interface Level {
  readonly type: 'level';
}

/** Edge to hub: every Deliver up to `seq` is on disk, except those refused. */
export interface Ack {
  readonly type: 'ack';
  readonly seq: number;
}

/** Edge to hub: this Deliver can never be applied. */
export interface Nack {
  readonly type: 'nack';
  readonly seq: number;
  readonly code: string;
  readonly reason: string;
}

export type ReportFrameClass = 'status' | 'event' | 'telemetry';

/** Edge to hub: what the edge has to say about one object. */
export interface ReportFrame {
  readonly type: 'report';
  readonly id: number;
  readonly class: ReportFrameClass;
  readonly key: string;
  readonly payload: Uint8Array;
  /** When it was reported, by the edge's clock, milliseconds since the epoch; 0: unknown. */
  readonly observedMs: number;
  /** W3C Trace Context, where this report is traced. */
  readonly traceparent?: string | undefined;
}

/** Hub to edge: the API server has accepted the report. */
export interface ReportAck {
  readonly type: 'reportAck';
  readonly id: number;
}

/** Hub to edge: the API server will never accept the report. */
export interface ReportNack {
  readonly type: 'reportNack';
  readonly id: number;
  readonly code: string;
  readonly reason: string;
}

/** Either way, last: why the session ends. */
export interface Goodbye {
  readonly type: 'goodbye';
  readonly code: string;
  readonly reason: string;
}

/** Edge to hub, and echoed unchanged. */
export interface Heartbeat {
  readonly type: 'heartbeat';
  /** The edge's monotonic clock when it was sent, whole milliseconds. */
  readonly sentMs: number;
  /** Objects that are on the edge's disk and not acted upon yet. */
  readonly unapplied: number;
}

/** Edge to hub: a token of a pod's service account, bound to that pod. */
export interface TokenRequest {
  readonly type: 'tokenRequest';
  /** Comes back in the answer. */
  readonly id: number;
  /** Of the pod and of its service account. */
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string;
  readonly podUid: string;
  /** For whom the token is; empty: the API server's own. */
  readonly audience: string;
  readonly expirationSeconds: number;
}

/** Hub to edge: the token that the API server has given. */
export interface TokenGrant {
  readonly type: 'tokenGrant';
  readonly id: number;
  readonly token: string;
  /** How long it lives from now on, as the API server decided. */
  readonly lifeSeconds: number;
}

/** Hub to edge: there is no token. */
export interface TokenRefusal {
  readonly type: 'tokenRefusal';
  readonly id: number;
  readonly code: string;
  readonly reason: string;
}

/** Either way: something that only the other end knows, or may find out. */
export interface Question {
  readonly type: 'question';
  /** Comes back in the answer. */
  readonly id: number;
  /** What it is about, for example `device-history`. */
  readonly subject: string;
  /** JSON. */
  readonly body: Uint8Array;
}

/** The answer to a question of the other end: what was asked for, or why it is not told. */
export interface Answer {
  readonly type: 'answer';
  readonly id: number;
  /** Empty: `body` is what was asked for. */
  readonly code: string;
  readonly reason: string;
  /** JSON. */
  readonly body: Uint8Array;
}

/** Edge to hub: nobody waits for the answer to this question any more. */
export interface Cancel {
  readonly type: 'cancel';
  readonly id: number;
}

export type HubFrame =
  | Welcome
  | HeldRequest
  | Deliver
  | Level
  | ReportAck
  | ReportNack
  | TokenGrant
  | TokenRefusal
  | Question
  | Answer
  | Goodbye
  | Heartbeat;
export type EdgeFrame =
  | Hello
  | Held
  | Ack
  | Nack
  | ReportFrame
  | TokenRequest
  | Question
  | Cancel
  | Answer
  | Goodbye
  | Heartbeat;
export type Frame = HubFrame | EdgeFrame;

const hubFrames: ReadonlySet<Frame['type']> = new Set<HubFrame['type']>([
  'welcome',
  'heldRequest',
  'deliver',
  'level',
  'reportAck',
  'reportNack',
  'tokenGrant',
  'tokenRefusal',
  'question',
  'answer',
  'goodbye',
  'heartbeat',
]);

/** Whether a hub may send it. */
export function isHubFrame(frame: Frame): frame is HubFrame {
  return hubFrames.has(frame.type);
}

const edgeFrames: ReadonlySet<Frame['type']> = new Set<EdgeFrame['type']>([
  'hello',
  'held',
  'ack',
  'nack',
  'report',
  'tokenRequest',
  'question',
  'cancel',
  'answer',
  'goodbye',
  'heartbeat',
]);

/** Whether an edge may send it. */
export function isEdgeFrame(frame: Frame): frame is EdgeFrame {
  return edgeFrames.has(frame.type);
}
