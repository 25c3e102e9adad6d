import { decode, encode } from '@skerry/proto/codec';
import type { EdgeFrame, Frame, HubFrame } from '@skerry/proto/frames';
import { frames, likelyFields } from '@skerry/proto/testing/arbitrary-frames';
import type { Change } from '@skerry/shared/change';
import { Digest } from '@skerry/shared/delivery/digest';
import type { Report, ReportOutcome } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { nodeName, version, type NodeName, type Version } from '@skerry/shared/names';
import type { Socket } from '@skerry/shared/socket';
import { keyOf, madeChange } from '@skerry/shared/testing/changes';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { socketPair } from '@skerry/shared/testing/socket-pair';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeadLetter } from '../ledger/dead-letters.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { CloseReason } from './close-reason.ts';
import { NodeAway } from './question-desk.ts';
import { maxBufferedBytes } from './session-parts.ts';
import { askNewestEveryMs, catchUpEveryMs } from './resync.ts';
import { Sessions } from './sessions.ts';
import { tokenless } from './testing/tokenless.ts';

const edge1 = nodeName('edge-1');
const hello = {
  type: 'hello',
  protocol: 1,
  node: 'edge-1',
  agentVersion: 't',
  bootId: 'b',
  digest: new Digest().bytes(),
  held: 0,
  epoch: 1,
  horizon: '0',
} as const;
const heartbeatMs = 1_000;

let clock: ManualClock;
let needed: Change[];
let newest: Version | undefined;
let seen: Version;
let ends: CloseReason[];
let refused: DeadLetter[];
let reports: { readonly report: Report; readonly answer: (outcome: ReportOutcome) => void }[];
let sessions: Sessions;
let stop: AbortController;

function askNewest(): Promise<Version> {
  return newest === undefined ? Promise.reject(new Error('refused')) : Promise.resolve(newest);
}

beforeEach(() => {
  clock = new ManualClock();
  newest = version('100');
  seen = version('100');
  [needed, ends, refused, reports, stop] = [[], [], [], [], new AbortController()];
  sessions = new Sessions({
    placement: {
      needs: () => needed,
      find: (key) => needed.find((change) => change.key === key),
      progressOf: () => seen,
      whenSynced: Promise.resolve(),
    },
    line: { epoch: 1, horizon: version('100'), newest: askNewest },
    ledger: new Ledger(new MemoryStore()),
    upstream: {
      submit: (_node, report) => new Promise((answer) => reports.push({ report, answer })),
    },
    tokens: tokenless,
    liveness: { seen: () => undefined },
    limits: {
      window: { frames: 4, bytes: 1_000 },
      heartbeatMs,
      maxMessageBytes: 1_000,
      reportWindow: 2,
    },
    maxNodes: 1,
    hubVersion: 't',
    clock,
    log: silentLog,
    observer: {
      delivered: () => undefined,
      acked: () => undefined,
      refused: (_node, letter) => refused.push(letter),
      skipped: () => undefined,
      ended: (why) => ends.push(why),
    },
  });
});

afterEach(async () => {
  stop.abort();
  await settle();
});

/** An edge played by hand. */
class HandEdge {
  readonly socket: Socket;
  /** The hub's end. */
  readonly far: Socket;
  readonly heard: HubFrame[] = [];
  readonly ended: Promise<void>;

  constructor(node: NodeName = edge1) {
    const [near, far] = socketPair();
    [this.socket, this.far] = [near, far];
    this.ended = sessions.admit(node, far, stop.signal);
    void this.#listen();
  }

  say(...frames: Frame[]): Promise<void> {
    this.socket.send(encode(frames));
    return this.turn();
  }

  /** Lets messages cross and the store write. */
  async turn(): Promise<void> {
    for (let i = 0; i < 5; i++) await settle();
  }

  last(): HubFrame | undefined {
    return this.heard.at(-1);
  }

  /** Answers as a node does that holds nothing, until it is level; resolves with what it was given. */
  async levelled(): Promise<string[]> {
    for (let last = this.last(); last?.type !== 'level'; last = this.last()) {
      if (last?.type === 'heldRequest') await this.say({ type: 'held', objects: [], more: false });
      else if (last?.type === 'deliver') await this.say({ type: 'ack', seq: last.seq });
      else throw new Error(`it was not brought level, but told ${JSON.stringify(last)}`);
    }
    return this.heard.flatMap((frame) => (frame.type === 'deliver' ? [frame.name] : []));
  }

  async #listen(): Promise<void> {
    for await (const message of this.socket.messages())
      this.heard.push(...(decode(message).frames as HubFrame[]));
  }
}

describe('a session', () => {
  it('welcomes an edge and sends what it lacks', async () => {
    needed = [madeChange('a', 5)];
    const edge = new HandEdge();
    await edge.say(hello);
    expect(edge.heard.map(({ type }) => type)).toEqual(['welcome', 'deliver']);
    expect(edge.last()).toMatchObject({
      seq: 1,
      resource: 'configmaps',
      namespace: 'default',
      name: 'a',
      version: '5',
    });
    await edge.say({ type: 'ack', seq: 1 });
    expect(edge.last()).toEqual({ type: 'level' });
    expect(sessions.views()).toMatchObject([
      { node: 'edge-1', phase: 'streaming', pending: 0, inflight: 0 },
    ]);
  });

  it('asks what is held when the digests differ, and sends only the difference', async () => {
    needed = [madeChange('a', 5), madeChange('b', 6)];
    const edge = new HandEdge();
    await edge.say({ ...hello, digest: Uint8Array.from({ length: 16 }, () => 7), held: 1 });
    expect(edge.last()).toEqual({ type: 'heldRequest', epoch: 1, forget: false });
    await edge.say({
      type: 'held',
      objects: [{ key: keyOf('a'), uid: 'uid-a', version: '5' }],
      more: false,
    });
    expect(edge.last()).toMatchObject({ type: 'deliver', name: 'b' });
  });

  it('tells a node its number line, and to forget versions of another one', async () => {
    const fresh = new HandEdge();
    await fresh.say({ ...hello, epoch: 0 });
    expect(fresh.last()).toEqual({ type: 'heldRequest', epoch: 1, forget: false });
    const restored = new HandEdge();
    await restored.say({ ...hello, epoch: 2 });
    expect(restored.last()).toEqual({ type: 'heldRequest', epoch: 1, forget: true });
  });

  it('has a node forget its versions when it is ahead of the cluster, not of this hub', async () => {
    newest = version('500');
    const ahead = new HandEdge(); // of this hub, which lags behind the cluster
    await ahead.say({ ...hello, horizon: '500' });
    expect(ahead.last()).toEqual({ type: 'level' });
    const restored = new HandEdge();
    await restored.say({ ...hello, horizon: '501' });
    expect(restored.last()).toEqual({ type: 'heldRequest', epoch: 1, forget: true });
  });

  it('says nothing to a node that is ahead before the cluster has said how far it is', async () => {
    newest = undefined;
    const [left, restored] = [new HandEdge(), new HandEdge()];
    await left.say({ ...hello, horizon: '501' }); // superseded by the other
    await restored.say({ ...hello, horizon: '501' });
    await clock.advance(askNewestEveryMs);
    expect(restored.last()).toMatchObject({ type: 'welcome' });
    newest = version('500');
    await clock.advance(askNewestEveryMs);
    expect(restored.last()).toEqual({ type: 'heldRequest', epoch: 1, forget: true });
    expect(left.last()).toMatchObject({ type: 'goodbye' });
  });

  it('takes nothing from a node that knows more before it has caught up', async () => {
    newest = version('500');
    const edge = new HandEdge();
    await edge.say({ ...hello, digest: Uint8Array.from({ length: 16 }, () => 7), held: 1 });
    const held = { key: keyOf('a'), uid: 'uid-a', version: '120' };
    await edge.say({ type: 'held', objects: [held], more: false });
    expect(edge.last()).toMatchObject({ type: 'heldRequest' });
    needed = [madeChange('a', 130)];
    seen = version('130');
    await clock.advance(catchUpEveryMs);
    await edge.turn();
    expect(edge.last()).toMatchObject({ type: 'deliver', name: 'a', version: '130' });
  });

  it('has a node forget its versions when it holds what the cluster never had', async () => {
    needed = [madeChange('a', 5)];
    const edge = new HandEdge();
    await edge.say({ ...hello, digest: Uint8Array.from({ length: 16 }, () => 7), held: 1 });
    const held = (at: string) => ({ key: keyOf('a'), uid: 'uid-a', version: at });
    await edge.say({ type: 'held', objects: [held('9')], more: false });
    expect(edge.last()).toEqual({ type: 'heldRequest', epoch: 1, forget: true });
    await edge.say({ type: 'held', objects: [held('0')], more: false });
    expect(edge.last()).toMatchObject({ type: 'deliver', name: 'a', version: '5' });
  });

  it('ends every session when the cluster was restored', async () => {
    const edge = new HandEdge();
    await edge.say(hello);
    sessions.closeAll('session.rewound', 'it was restored');
    await edge.ended;
    expect(edge.last()).toEqual({
      type: 'goodbye',
      code: 'session.rewound',
      reason: 'it was restored',
    });
  });

  it.each<[string, CloseReason, EdgeFrame[]]>([
    ['another major protocol version', 'session.version', [{ ...hello, protocol: 2 }]],
    ['another node’s name', 'session.wrong-node', [{ ...hello, node: 'edge-2' }]],
    ['a frame before hello', 'session.protocol', [{ type: 'heartbeat', sentMs: 1, unapplied: 0 }]],
    ['a second hello', 'session.protocol', [hello, hello]],
    [
      'held that nobody asked for',
      'session.protocol',
      [hello, { type: 'held', objects: [], more: false }],
    ],
    ['an ack of what was never sent', 'session.protocol', [hello, { type: 'ack', seq: 9 }]],
    [
      'more reports than its window allows',
      'session.protocol',
      [
        hello,
        ...[1, 2, 3].map((id): EdgeFrame => ({
          type: 'report',
          id,
          class: 'event',
          key: keyOf('e'),
          payload: new Uint8Array(),
          observedMs: 0,
        })),
      ],
    ],
  ])('refuses %s and says so', async (_name, why, frames) => {
    const edge = new HandEdge();
    for (const frame of frames) await edge.say(frame);
    expect(edge.last()).toMatchObject({ type: 'goodbye', code: why });
    await edge.ended;
    expect(ends).toEqual([why]);
  });

  it('refuses frames that only a hub may send', async () => {
    const edge = new HandEdge();
    await edge.say(hello);
    await edge.say({ type: 'heldRequest', epoch: 1, forget: false });
    expect(edge.last()).toMatchObject({
      type: 'goodbye',
      code: 'session.protocol',
      reason: 'an edge does not send heldRequest',
    });
  });

  it('ends, and nothing but itself, on whatever bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        async (greeted, bytes) => {
          const edge = new HandEdge();
          if (greeted) await edge.say(hello);
          edge.socket.send(bytes);
          await edge.turn();
          edge.socket.cut();
          await edge.ended;
        },
      ),
      { numRuns: 40 },
    );
    const edge = new HandEdge();
    await edge.say(hello);
    expect(edge.heard[0]?.type).toBe('welcome');
  });

  it('takes any frames in any order, and brings the next session of that node level', async () => {
    const messages = fc.array(fc.array(frames(likelyFields), { minLength: 1, maxLength: 4 }));
    let next = 5;
    await fc.assert(
      fc.asyncProperty(fc.boolean(), messages, async (greeted, said) => {
        needed = [madeChange('a', next++), madeChange('b', next++)];
        const astray = new HandEdge();
        if (greeted) await astray.say(hello);
        for (const message of said) await astray.say(...message);
        for (const { answer } of reports.splice(0)) answer({ do: 'accepted' });
        astray.socket.cut();
        await astray.ended;

        needed = [madeChange('a', next++), madeChange('b', next++)]; // what was refused is offered again
        const node = new HandEdge();
        await node.say(hello);
        expect(await node.levelled()).toEqual(['a', 'b']);
        node.socket.cut();
        await node.ended;
      }),
      { numRuns: 100 },
    );
  });

  it('lets a newcomer of the same node take over', async () => {
    const first = new HandEdge();
    await first.say(hello);
    const second = new HandEdge();
    await second.say(hello);
    expect(first.last()).toMatchObject({ type: 'goodbye', code: 'session.superseded' });
    expect(second.heard[0]?.type).toBe('welcome');
    expect(sessions.views()).toHaveLength(1);
  });

  it('ends a silent edge after three heartbeats, and not one that only beats', async () => {
    const edge = new HandEdge();
    await edge.say(hello);
    for (let beat = 0; beat < 6; beat++) {
      await clock.advance(heartbeatMs);
      await edge.say({ type: 'heartbeat', sentMs: beat, unapplied: 3 });
    }
    expect(edge.last()).toEqual({ type: 'heartbeat', sentMs: 5, unapplied: 3 });
    expect(sessions.views()).toMatchObject([{ unapplied: 3 }]);
    await clock.advance(3 * heartbeatMs);
    expect(ends).toEqual([]);
    await clock.advance(heartbeatMs);
    await edge.ended;
    expect(ends).toEqual(['session.silent']);
  });

  it('ends an edge that beats but does not acknowledge', async () => {
    needed = [madeChange('a', 5)];
    const edge = new HandEdge();
    await edge.say(hello);
    for (let beat = 0; beat < 32; beat++) {
      await edge.say({ type: 'heartbeat', sentMs: beat, unapplied: 3 });
      await clock.advance(heartbeatMs);
    }
    await edge.ended;
    expect(ends).toEqual(['session.ack-overdue']);
  });

  it('answers a report when the API server has decided, and not before', async () => {
    const edge = new HandEdge();
    await edge.say(hello);
    await edge.say({
      type: 'report',
      id: 1,
      class: 'event',
      key: keyOf('a'),
      payload: Uint8Array.of(1),
      observedMs: 0,
    });
    expect(edge.last()).toEqual({ type: 'level' });
    reports[0]?.answer({ do: 'accepted' });
    await edge.say({
      type: 'report',
      id: 2,
      class: 'event',
      key: keyOf('b'),
      payload: Uint8Array.of(2),
      observedMs: 0,
    });
    reports[1]?.answer({ do: 'refused', code: 'upstream.not-found', reason: 'gone' });
    await edge.turn();
    expect(edge.heard.slice(2)).toEqual([
      { type: 'reportAck', id: 1 },
      { type: 'reportNack', id: 2, code: 'upstream.not-found', reason: 'gone' },
    ]);
  });

  it('refuses a report whose key is none, and goes on', async () => {
    const edge = new HandEdge();
    await edge.say(hello);
    await edge.say({
      type: 'report',
      id: 1,
      class: 'event',
      key: 'rubbish',
      payload: new Uint8Array(),
      observedMs: 0,
    });
    expect(edge.last()).toMatchObject({ type: 'reportNack', id: 1, code: 'name.malformed' });
    expect(reports).toEqual([]);
  });

  it('does not offer again what the edge has refused, before the object changes', async () => {
    needed = [madeChange('a', 5)];
    const nack = { type: 'nack', seq: 1, code: 'name.malformed', reason: 'no' } as const;
    const first = new HandEdge();
    await first.say(hello);
    await first.say(nack);
    expect(refused).toMatchObject([{ key: keyOf('a'), version: 5n, code: 'name.malformed' }]);
    const dead = (): readonly object[] => sessions.views().flatMap((view) => view.dead());
    expect(dead()).toMatchObject([{ key: keyOf('a') }]);

    const second = new HandEdge();
    await second.say(hello);
    expect(second.heard.map(({ type }) => type)).toEqual(['welcome', 'level']);

    needed = [madeChange('a', 6)];
    const third = new HandEdge();
    await third.say(hello);
    expect(third.last()).toMatchObject({ type: 'deliver', version: '6' });
    await third.say({ type: 'ack', seq: 1 });
    expect(dead()).toEqual([]);
  });

  it('passes over a change that the edge refuses', async () => {
    needed = [madeChange('a', 5), madeChange('b', 6)];
    const edge = new HandEdge();
    await edge.say(hello);
    await edge.say(
      { type: 'nack', seq: 1, code: 'name.malformed', reason: 'no' },
      { type: 'ack', seq: 2 },
    );
    expect(sessions.views()).toMatchObject([{ phase: 'streaming', inflight: 0 }]);
  });

  it('tells a node that is one too many, and takes one that comes again', async () => {
    const edge = new HandEdge();
    await edge.say(hello);
    const other = new HandEdge(nodeName('edge-2'));
    await other.ended;
    expect(other.heard).toEqual([
      {
        type: 'goodbye',
        code: 'session.full',
        reason: 'this hub takes 1 nodes (maxNodes), and so many are connected',
      },
    ]);
    expect(ends).toEqual(['session.full']);
    const again = new HandEdge();
    await again.say(hello);
    expect(again.heard[0]).toMatchObject({ type: 'welcome' });
  });

  it('cuts off a peer that asks and does not read', async () => {
    const edge = new HandEdge();
    await edge.say(hello);
    Object.defineProperty(edge.far, 'bufferedBytes', { value: maxBufferedBytes + 1 });
    await edge.say({ type: 'heartbeat', sentMs: 1, unapplied: 0 });
    await edge.ended;
    expect(ends).toEqual(['session.slow-reader']);
    expect(await edge.socket.closed).toMatchObject({ code: 1006 });
  });

  it('asks a node what only it knows, and nobody in its place', async () => {
    const question = { subject: 'weather', body: Uint8Array.of(1) };
    const ask = (): Promise<Uint8Array> => sessions.ask(edge1, question, stop.signal);
    await expect(ask()).rejects.toThrow('node edge-1 is not connected to this hub');
    const edge = new HandEdge();
    await expect(ask()).rejects.toThrow(NodeAway); // nothing is said before hello
    await edge.say(hello);
    const asked = ask();
    await edge.turn();
    expect(edge.last()).toEqual({ type: 'question', id: 1, ...question });
    await edge.say({ type: 'answer', id: 1, code: '', reason: '', body: Uint8Array.of(2) });
    expect(await asked).toEqual(Uint8Array.of(2));
    const lost = expect(ask()).rejects.toThrow(NodeAway);
    edge.socket.cut();
    await lost;
  });

  it('leaves exactly one session after a thousand rapid reconnects, and loses nothing', async () => {
    needed = [madeChange('a', 5)];
    const edges = Array.from({ length: 1_000 }, () => new HandEdge());
    await Promise.all(edges.slice(0, -1).map(({ ended }) => ended));
    expect(ends).toHaveLength(999);
    expect(new Set(ends)).toEqual(new Set(['session.superseded']));
    const last = edges.at(-1)!;
    await last.say(hello);
    expect(last.last()).toMatchObject({ type: 'deliver', name: 'a', version: '5' });
    expect(sessions.views()).toHaveLength(1);
  });

  it('sends its nodes away before the hub ends, and takes no more', async () => {
    const edge = new HandEdge();
    await edge.say(hello);
    await sessions.drain(1_000);
    await edge.ended;
    const late = new HandEdge();
    await late.turn();
    const goodbye = { type: 'goodbye', code: 'session.stopping', reason: 'the hub stops' };
    expect([edge.last(), late.last()]).toEqual([goodbye, goodbye]);
    expect(sessions.isDraining).toBe(true);
  });

  it('says goodbye when the hub stops', async () => {
    const edge = new HandEdge();
    await edge.say(hello);
    stop.abort();
    await edge.ended;
    await edge.turn();
    expect(edge.last()).toMatchObject({ type: 'goodbye', code: 'session.stopping' });
  });
});
