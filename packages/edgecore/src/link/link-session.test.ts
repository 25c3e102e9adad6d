import { decode, encode } from '@skerry/proto/codec';
import type { EdgeFrame, Frame } from '@skerry/proto/frames';
import { frames, likelyFields } from '@skerry/proto/testing/arbitrary-frames';
import { EdgeError, isAbort } from '@skerry/shared/errors';
import { silentLog } from '@skerry/shared/log';
import { nodeName } from '@skerry/shared/names';
import type { Closed, Socket } from '@skerry/shared/socket';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { socketPair } from '@skerry/shared/testing/socket-pair';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetaStore } from '../meta/meta-store.ts';
import { HubSaidGoodbye, LinkBroken, LinkSilent } from './link-errors.ts';
import { missedHeartbeats, runLinkSession, welcomeTimeoutMs } from './link-session.ts';
import { ReportOutbox } from './report-outbox.ts';
import { defaultReportPolicies } from './report-policy.ts';

const heartbeatMs = 10_000;
const welcome = {
  type: 'welcome',
  protocol: 1,
  session: 's',
  hubVersion: 't',
  windowFrames: 256,
  windowBytes: 1_048_576,
  heartbeatMs,
  maxMessageBytes: 1_048_576,
  reportWindow: 8,
  questionWindow: 4,
} as const;

let clock: ManualClock;
/** The hub's end, played by hand. */
let hub: Socket;
let heard: EdgeFrame[];
let store: MemoryStore;
let reports: ReportOutbox;
let gone: Closed | undefined;
let meta: MetaStore;
let stop: AbortController;
let ended: Promise<unknown>;
let why: unknown;

beforeEach(async () => {
  clock = new ManualClock();
  store = new MemoryStore();
  meta = await MetaStore.open(store);
  reports = await ReportOutbox.open({
    store,
    policies: defaultReportPolicies,
    clock,
    onDropped: () => undefined,
  });
  begin();
  await turn();
});

afterEach(end);

/** A session of the edge with a hub played by hand. */
function begin(): void {
  [heard, gone, why, stop] = [[], undefined, undefined, new AbortController()];
  const [near, far] = socketPair();
  hub = far;
  void listen(far);
  void far.closed.then((closed) => (gone = closed));
  const session = runLinkSession(
    {
      socket: near,
      identity: { node: nodeName('edge-1'), agentVersion: 't', bootId: 'b' },
      meta,
      reports,
      questions: {
        answer: ({ id, body }) =>
          Promise.resolve({ type: 'answer', id, code: '', reason: '', body }),
      },
      wake: () => undefined,
      unapplied: () => 0,
      welcomed: () => undefined,
      levelled: () => undefined,
      roundTrip: () => undefined,
      observer: { received: () => undefined, persisted: () => undefined },
      clock,
      log: silentLog,
    },
    stop.signal,
  );
  ended = session.catch((error: unknown) => (why = error));
}

async function end(): Promise<void> {
  hub.cut();
  stop.abort();
  await ended;
}

async function listen(far: Socket): Promise<void> {
  for await (const message of far.messages())
    heard.push(...(decode(message).frames as EdgeFrame[]));
}

async function say(...frames: Frame[]): Promise<void> {
  hub.send(encode(frames));
  await turn();
}

function configMap(name: string) {
  const key = { resource: 'configmaps', namespace: 'default', name };
  return { type: 'deliver', ...key, object: Buffer.from('{}'), withdrawn: false } as const;
}

/** Lets messages cross. */
async function turn(): Promise<void> {
  for (let i = 0; i < 5; i++) await settle();
}

/** Answers every heartbeat for so long. */
async function live(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += heartbeatMs) {
    await clock.advance(heartbeatMs);
    await turn();
    const beat = heard.findLast(({ type }) => type === 'heartbeat');
    if (beat?.type === 'heartbeat') await say(beat);
  }
}

describe('a session of the edge', () => {
  it('says hello first', () => {
    expect(heard.map(({ type }) => type)).toEqual(['hello']);
  });

  it('lasts as long as its heartbeats are answered', async () => {
    await say(welcome);
    await live(3_600_000);
    expect(why).toBeUndefined();
    expect(gone).toBeUndefined();
    const beats = heard.filter(({ type }) => type === 'heartbeat').length;
    expect(beats).toBeGreaterThanOrEqual(360);
  });

  it('cuts a connection whose hub does not answer hello', async () => {
    await clock.advance(welcomeTimeoutMs - 1);
    expect(gone).toBeUndefined();
    await clock.advance(1);
    await turn();
    expect(gone?.code).toBe(1006);
    expect(why).toBeInstanceOf(LinkSilent);
  });

  it('cuts a connection from which nothing is heard', async () => {
    await say(welcome);
    await live(60_000);
    await clock.advance(heartbeatMs * missedHeartbeats);
    expect(gone).toBeUndefined();
    await clock.advance(heartbeatMs);
    await turn();
    expect(gone?.code).toBe(1006);
    expect(why).toBeInstanceOf(LinkSilent);
  });

  it('ends when the hub says goodbye, and says why', async () => {
    await say(welcome, { type: 'goodbye', code: 'session.stopping', reason: 'the hub stops' });
    expect(why).toBeInstanceOf(HubSaidGoodbye);
    expect(String(why)).toContain('the hub stops');
  });

  it('ends when the connection does', async () => {
    await say(welcome);
    hub.cut();
    await turn();
    expect(why).toBeInstanceOf(LinkBroken);
  });

  it('takes any frames in any order, and the next session brings it everything', async () => {
    const messages = fc.array(fc.array(frames(likelyFields), { minLength: 1, maxLength: 4 }));
    let version = 10n ** 40n; // beyond whatever an astray hub has said
    await fc.assert(
      fc.asyncProperty(fc.boolean(), messages, async (welcomed, said) => {
        if (welcomed) await say(welcome);
        for (const message of said) await say(...message);
        await end();
        expect(why === undefined || why instanceof EdgeError || isAbort(why, stop.signal)).toBe(
          true,
        );

        begin();
        await turn();
        const change = { ...configMap('a'), seq: 1, uid: 'new', version: String(version++) };
        await say(welcome, { type: 'heldRequest', epoch: 1, forget: false }, change);
        expect(heard.map(({ type }) => type)).toContain('held');
        expect(heard).toContainEqual({ type: 'ack', seq: 1 });
        await end();
        begin();
        await turn();
      }),
      { numRuns: 100 },
    );
  });

  it('answers what the hub asks', async () => {
    const body = Uint8Array.of(1);
    await say(welcome, { type: 'question', id: 3, subject: 'weather', body });
    expect(heard).toContainEqual({ type: 'answer', id: 3, code: '', reason: '', body });
  });

  it('says goodbye when it is told to end', async () => {
    await say(welcome);
    stop.abort();
    await turn();
    expect(heard.at(-1)).toMatchObject({ type: 'goodbye', code: 'link.stopping' });
  });
});
