import { skerry } from '../gen/frames.js';
import type { Frame, ReportFrameClass } from './frames.ts';

const { Batch, ReportClass } = skerry.v1;
type WireFrame = skerry.v1.Frame.$Properties;

/** Bytes that are no batch of frames, or a frame whose fields cannot be meant. */
export class MalformedFrame extends Error {
  readonly code = 'wire.malformed-frame';
  readonly disposition = 'reject';
  override get name(): string {
    return 'MalformedFrame';
  }
}

/** What a message held: the frames understood, and how many were of a kind this version does not know. */
export interface Decoded {
  readonly frames: readonly Frame[];
  readonly unknown: number;
}

/** Far above what any sender packs; a message of empty frames is refused before it costs anything. */
const maxFramesPerMessage = 100_000;

export function encode(frames: readonly Frame[]): Uint8Array {
  return Batch.encode({ frames: frames.map(toWire) }).finish();
}

/**
 * Decodes one WebSocket message. Fields and frame types of a newer peer are skipped.
 *
 * @throws MalformedFrame for bytes that are not protobuf of this shape, and for numbers beyond 2^53.
 */
export function decode(message: Uint8Array): Decoded {
  const wire = decodeWire(message);
  if (wire.length > maxFramesPerMessage)
    throw new MalformedFrame(`${wire.length} frames in one message`);
  const frames: Frame[] = [];
  for (const frame of wire) {
    const known = fromWire(frame);
    if (known) frames.push(known);
  }
  return { frames, unknown: wire.length - frames.length };
}

function decodeWire(message: Uint8Array): readonly WireFrame[] {
  try {
    return Batch.decode(message).frames;
  } catch (error) {
    throw new MalformedFrame(
      `not a batch of frames: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

const wireClasses: Readonly<Record<ReportFrameClass, skerry.v1.ReportClass>> = {
  status: ReportClass.STATUS,
  event: ReportClass.EVENT,
  telemetry: ReportClass.TELEMETRY,
};
const reportClasses: readonly ReportFrameClass[] = ['status', 'event', 'telemetry'];

function toWire(frame: Frame): WireFrame {
  if (frame.type === 'report') {
    const { class: kind, traceparent = null, ...report } = frame;
    return { report: { ...report, traceparent, class: wireClasses[kind] } };
  }
  return { [frame.type]: frame };
}

type Body = NonNullable<skerry.v1.Frame['body']>;
/** Normalises one kind: absent fields take proto3's defaults, absent `optional` ones are undefined. */
type Readers = {
  readonly [B in Body]: (body: NonNullable<WireFrame[B]>) => Extract<Frame, { type: B }>;
};

const readers: Readers = {
  hello: (body) => ({
    type: 'hello',
    protocol: body.protocol ?? 0,
    node: body.node ?? '',
    agentVersion: body.agentVersion ?? '',
    bootId: body.bootId ?? '',
    digest: body.digest ?? new Uint8Array(),
    held: body.held ?? 0,
    epoch: whole(body.epoch),
    horizon: body.horizon ?? '',
  }),
  welcome: (body) => ({
    type: 'welcome',
    protocol: body.protocol ?? 0,
    session: body.session ?? '',
    windowFrames: body.windowFrames ?? 0,
    windowBytes: body.windowBytes ?? 0,
    heartbeatMs: body.heartbeatMs ?? 0,
    maxMessageBytes: body.maxMessageBytes ?? 0,
    reportWindow: body.reportWindow ?? 0,
    hubVersion: body.hubVersion ?? '',
    questionWindow: body.questionWindow ?? 0,
  }),
  heldRequest: (body) => ({
    type: 'heldRequest',
    epoch: whole(body.epoch),
    forget: body.forget ?? false,
  }),
  held: (body) => ({
    type: 'held',
    objects: (body.objects ?? []).map(({ key, uid, version }) => ({
      key: key ?? '',
      uid: uid ?? '',
      version: version ?? '',
    })),
    more: body.more ?? false,
  }),
  deliver: (body) => ({
    type: 'deliver',
    seq: whole(body.seq),
    resource: body.resource ?? '',
    namespace: body.namespace ?? '',
    name: body.name ?? '',
    uid: body.uid ?? '',
    version: body.version ?? '',
    object: body.object ?? undefined, // null and absent both mean a tombstone
    withdrawn: body.withdrawn ?? false,
    traceparent: given(body.traceparent),
  }),
  level: () => ({ type: 'level' }),
  ack: (body) => ({ type: 'ack', seq: whole(body.seq) }),
  nack: (body) => ({
    type: 'nack',
    seq: whole(body.seq),
    code: body.code ?? '',
    reason: body.reason ?? '',
  }),
  report: (body) => ({
    type: 'report',
    id: whole(body.id),
    class: reportClass(body.class ?? 0),
    key: body.key ?? '',
    payload: body.payload ?? new Uint8Array(),
    observedMs: whole(body.observedMs),
    traceparent: given(body.traceparent),
  }),
  reportAck: (body) => ({ type: 'reportAck', id: whole(body.id) }),
  reportNack: (body) => ({
    type: 'reportNack',
    id: whole(body.id),
    code: body.code ?? '',
    reason: body.reason ?? '',
  }),
  tokenRequest: (body) => ({
    type: 'tokenRequest',
    id: whole(body.id),
    namespace: body.namespace ?? '',
    serviceAccount: body.serviceAccount ?? '',
    pod: body.pod ?? '',
    podUid: body.podUid ?? '',
    audience: body.audience ?? '',
    expirationSeconds: whole(body.expirationSeconds),
  }),
  tokenGrant: (body) => ({
    type: 'tokenGrant',
    id: whole(body.id),
    token: body.token ?? '',
    lifeSeconds: whole(body.lifeSeconds),
  }),
  tokenRefusal: (body) => ({
    type: 'tokenRefusal',
    id: whole(body.id),
    code: body.code ?? '',
    reason: body.reason ?? '',
  }),
  question: (body) => ({
    type: 'question',
    id: whole(body.id),
    subject: body.subject ?? '',
    body: body.body ?? new Uint8Array(),
  }),
  answer: (body) => ({
    type: 'answer',
    id: whole(body.id),
    code: body.code ?? '',
    reason: body.reason ?? '',
    body: body.body ?? new Uint8Array(),
  }),
  cancel: (body) => ({ type: 'cancel', id: whole(body.id) }),
  goodbye: (body) => ({ type: 'goodbye', code: body.code ?? '', reason: body.reason ?? '' }),
  heartbeat: (body) => ({
    type: 'heartbeat',
    sentMs: whole(body.sentMs),
    unapplied: body.unapplied ?? 0,
  }),
};

function fromWire(frame: WireFrame): Frame | undefined {
  const { body } = frame;
  const value = body && frame[body];
  return value ? (readers[body] as (value: object) => Frame)(value) : undefined;
}

function given(text: string | null | undefined): string | undefined {
  return text ? text : undefined;
}

function reportClass(wire: number): ReportFrameClass {
  const known = reportClasses[wire];
  if (!known) throw new MalformedFrame(`no report class ${wire}`);
  return known;
}

/** protobufjs reads uint64 as Long; positions and times here stay far below 2^53. */
function whole(value: number | { toNumber(): number } | null | undefined): number {
  if (value === null || value === undefined) return 0;
  const number = typeof value === 'number' ? value : value.toNumber();
  if (!Number.isSafeInteger(number)) throw new MalformedFrame(`number out of range: ${number}`);
  return number;
}
