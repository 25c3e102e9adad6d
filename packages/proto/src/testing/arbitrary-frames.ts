import fc from 'fast-check';
import type { Frame } from '../frames.ts';

/** What the fields of frames are made of. Every choice is one that the codec can carry. */
export interface FieldArbitraries {
  readonly text: fc.Arbitrary<string>;
  readonly key: fc.Arbitrary<string>;
  readonly uid: fc.Arbitrary<string>;
  readonly version: fc.Arbitrary<string>;
  readonly node: fc.Arbitrary<string>;
  readonly bytes: fc.Arbitrary<Uint8Array>;
  readonly whole: fc.Arbitrary<number>;
  readonly small: fc.Arbitrary<number>;
}

const text = fc.string({ maxLength: 40, unit: 'grapheme' });

/** Empty means the same as absent. */
const traceparent = fc.option(fc.string({ minLength: 1, maxLength: 60 }), { nil: undefined });

/** Anything at all. */
export const anyFields: FieldArbitraries = {
  ...{ text, key: text, uid: text, version: text, node: text },
  bytes: fc.uint8Array({ maxLength: 200 }),
  whole: fc.nat(Number.MAX_SAFE_INTEGER),
  small: fc.nat(2 ** 32 - 1),
};

/** Mostly what a peer could mean, so that a sequence of frames gets somewhere before it goes astray. */
export const likelyFields: FieldArbitraries = {
  text: fc.oneof({ weight: 1, arbitrary: text }, { weight: 4, arbitrary: fc.constant('a') }),
  key: fc.constantFrom('configmaps/default/a', 'configmaps/default/b', 'pods//x', '', 'rubbish'),
  uid: fc.constantFrom('uid-a', 'uid-b', ''),
  version: fc.constantFrom('0', '1', '5', '6', '7', '100', '101', '9'.repeat(30), '-1', 'x', ''),
  node: fc.constantFrom('edge-1', 'edge-1', 'edge-1', 'edge-2', ''),
  bytes: fc.constantFrom(new Uint8Array(), new Uint8Array(16), Uint8Array.of(123, 125)),
  whole: fc.constantFrom(0, 1, 2, 3, 5, 1_000, Number.MAX_SAFE_INTEGER),
  small: fc.constantFrom(0, 1, 2, 2 ** 32 - 1),
};

/** Frames of every type, whoever may send them. */
export function frames(fields: FieldArbitraries): fc.Arbitrary<Frame> {
  return fc.oneof(
    ...sessionFrames(fields),
    ...changeFrames(fields),
    ...reportFrames(fields),
    ...tokenFrames(fields),
    ...questionFrames(fields),
  );
}

function sessionFrames(fields: FieldArbitraries): fc.Arbitrary<Frame>[] {
  const { text, node, bytes, whole, small, version } = fields;
  return [
    fc.record({
      type: fc.constant('hello' as const),
      protocol: fc.oneof(fc.constant(1), small),
      node,
      agentVersion: text,
      bootId: text,
      digest: bytes,
      held: small,
      epoch: whole,
      horizon: version,
    }),
    fc.record({
      type: fc.constant('welcome' as const),
      protocol: fc.oneof(fc.constant(1), small),
      session: text,
      windowFrames: small,
      windowBytes: small,
      heartbeatMs: small,
      maxMessageBytes: small,
      reportWindow: small,
      hubVersion: text,
      questionWindow: small,
    }),
    fc.record({ type: fc.constant('goodbye' as const), code: text, reason: text }),
    fc.record({ type: fc.constant('heartbeat' as const), sentMs: whole, unapplied: small }),
  ];
}

function changeFrames(fields: FieldArbitraries): fc.Arbitrary<Frame>[] {
  const { text, key, uid, version, bytes, whole } = fields;
  return [
    fc.record({ type: fc.constant('heldRequest' as const), epoch: whole, forget: fc.boolean() }),
    fc.record({ type: fc.constant('level' as const) }),
    fc.record({
      type: fc.constant('held' as const),
      objects: fc.array(fc.record({ key, uid, version }), { maxLength: 5 }),
      more: fc.boolean(),
    }),
    fc.record({
      type: fc.constant('deliver' as const),
      seq: whole,
      resource: fc.oneof(fc.constant('configmaps'), text),
      namespace: fc.oneof(fc.constant('default'), text),
      name: text,
      uid,
      version,
      object: fc.option(bytes, { nil: undefined }),
      withdrawn: fc.boolean(),
      traceparent,
    }),
    fc.record({ type: fc.constant('ack' as const), seq: whole }),
    fc.record({ type: fc.constant('nack' as const), seq: whole, code: text, reason: text }),
  ];
}

function reportFrames({ text, key, bytes, whole }: FieldArbitraries): fc.Arbitrary<Frame>[] {
  return [
    fc.record({
      type: fc.constant('report' as const),
      id: whole,
      class: fc.constantFrom('status' as const, 'event' as const, 'telemetry' as const),
      key,
      payload: bytes,
      observedMs: whole,
      traceparent,
    }),
    fc.record({ type: fc.constant('reportAck' as const), id: whole }),
    fc.record({ type: fc.constant('reportNack' as const), id: whole, code: text, reason: text }),
  ];
}

function tokenFrames({ text, uid, whole }: FieldArbitraries): fc.Arbitrary<Frame>[] {
  return [
    fc.record({
      type: fc.constant('tokenRequest' as const),
      id: whole,
      namespace: text,
      serviceAccount: text,
      pod: text,
      podUid: uid,
      audience: text,
      expirationSeconds: whole,
    }),
    fc.record({
      type: fc.constant('tokenGrant' as const),
      id: whole,
      token: text,
      lifeSeconds: whole,
    }),
    fc.record({ type: fc.constant('tokenRefusal' as const), id: whole, code: text, reason: text }),
  ];
}

function questionFrames({ text, bytes, whole }: FieldArbitraries): fc.Arbitrary<Frame>[] {
  return [
    fc.record({ type: fc.constant('question' as const), id: whole, subject: text, body: bytes }),
    fc.record({ type: fc.constant('cancel' as const), id: whole }),
    fc.record({
      type: fc.constant('answer' as const),
      id: whole,
      code: text,
      reason: text,
      body: bytes,
    }),
  ];
}
