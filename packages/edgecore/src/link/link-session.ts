import { decode, encode } from '@skerry/proto/codec';
import {
  isHubFrame,
  protocolVersion,
  type Answer,
  type Deliver,
  type EdgeFrame,
  type HeldRequest,
  type HubFrame,
  type Question,
  type ReportAck,
  type ReportNack,
  type TokenGrant,
  type TokenRefusal,
  type Welcome,
} from '@skerry/proto/frames';
import type { Clock } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import type { Socket } from '@skerry/shared/socket';
import { aborted, supervise, whenAborted } from '@skerry/shared/supervise';
import type { Tracing } from '@skerry/shared/tracing/tracing';
import { within } from '@skerry/shared/within';
import type { MetaStore } from '../meta/meta-store.ts';
import type { HubQuestions } from './hub-questions.ts';
import { HubSaidGoodbye, LinkBroken, LinkProtocolViolation, LinkSilent } from './link-errors.ts';
import type { Questions } from './questions.ts';
import { Receiver, type ReceiverObserver, type Wake } from './receiver.ts';
import { ReportPump, type ReportSource } from './report-pump.ts';
import type { TokenRequests } from './token-requests.ts';

/** Who the edge says it is; its certificate proves the name. */
export interface EdgeIdentity {
  readonly node: NodeName;
  readonly agentVersion: string;
  readonly bootId: string;
}

/** What a link asks of the store of what the node holds. */
export type LinkStore = Pick<
  MetaStore,
  'apply' | 'digest' | 'enter' | 'epoch' | 'held' | 'horizon' | 'isAhead' | 'reload' | 'size'
>;

export interface LinkSessionParts {
  readonly socket: Socket;
  readonly identity: EdgeIdentity;
  readonly meta: LinkStore;
  readonly reports: ReportSource;
  /** Absent: nobody here asks for tokens. */
  readonly tokens?: Pick<TokenRequests, 'attach' | 'answer' | 'detach'> | undefined;
  /** Absent: nobody here answers what a hub asks. */
  readonly questions?: Pick<Questions, 'answer'> | undefined;
  /** Absent: nobody here asks the hub anything but tokens. */
  readonly hubQuestions?: Pick<HubQuestions, 'attach' | 'answer' | 'detach'> | undefined;
  readonly wake: Wake;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  readonly observer: ReceiverObserver;
  /** How many objects are on disk and not acted upon yet. */
  readonly unapplied: () => number;
  /** The hub has welcomed this session. */
  readonly welcomed: (welcome: Welcome) => void;
  /** Everything that the node lacked when the session began is on its disk. */
  readonly levelled: () => void;
  /** One heartbeat's round trip, milliseconds. */
  readonly roundTrip: (ms: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A session is dead when nothing was heard for this many heartbeats. */
export const missedHeartbeats = 3;
/** The hub must answer Hello within this time, milliseconds. */
export const welcomeTimeoutMs = 10_000;
/** Objects listed in one Held frame. */
const heldPerFrame = 2_000;

/** Runs one session over a connected socket; always ends by throwing why. */
export async function runLinkSession(parts: LinkSessionParts, signal: AbortSignal): Promise<never> {
  const session = new LinkSession(parts);
  using _ = whenAborted(signal, () => session.goodbye());
  try {
    await supervise(signal, {
      receive: (inner) => session.receive(inner),
      live: (inner) => session.live(inner),
    });
    throw new LinkBroken('the session ended');
  } finally {
    session.end();
    await session.settled();
    parts.reports.rewind();
  }
}

class LinkSession {
  readonly #parts: LinkSessionParts;
  readonly #receiver: Receiver;
  readonly #welcomed = Promise.withResolvers<Welcome>();
  readonly #failed = Promise.withResolvers<never>();
  /** Commits under way. */
  readonly #committing = new Set<Promise<void>>();
  #pump: ReportPump | undefined;
  #heardAt: number;
  /** Why the connection was cut, when it was. */
  #silence: LinkSilent | undefined;

  constructor(parts: LinkSessionParts) {
    this.#parts = parts;
    this.#heardAt = parts.clock.monotonic();
    this.#receiver = new Receiver({
      ...parts,
      apply: (changes) => parts.meta.apply(changes),
      send: (frames) => this.#send(frames),
    });
    this.#failed.promise.catch(() => undefined);
    this.#welcomed.promise.catch(() => undefined);
  }

  /** Says hello, then takes frames in until the connection or the signal ends. */
  async receive(signal: AbortSignal): Promise<void> {
    const { socket, identity, meta } = this.#parts;
    this.#send([
      {
        type: 'hello',
        protocol: protocolVersion,
        ...identity,
        digest: meta.digest(),
        held: meta.size,
        epoch: meta.epoch,
        horizon: String(meta.horizon),
      },
    ]);
    using _ = whenAborted(signal, () => socket.close(1000, ''));
    for await (const message of socket.messages()) {
      this.#heardAt = this.#parts.clock.monotonic();
      this.#takeMessage(message);
    }
    const { code, reason } = await socket.closed;
    throw (
      this.#silence ?? new LinkBroken(`the connection ended (${code}${reason && ` ${reason}`})`)
    );
  }

  /** Heartbeats and reports, once welcomed; ends when a commit failed. */
  async live(signal: AbortSignal): Promise<void> {
    const welcome = await this.#welcomeInTime(signal);
    const send = (frames: readonly EdgeFrame[]): void => this.#send(frames);
    this.#parts.tokens?.attach(send);
    this.#parts.hubQuestions?.attach(send, welcome.questionWindow);
    this.#pump = new ReportPump({
      ...this.#parts,
      send,
      window: welcome.reportWindow,
    });
    const pump = this.#pump;
    await supervise(signal, {
      heartbeat: (inner) => this.#heartbeat(welcome.heartbeatMs, inner),
      reports: (inner) => pump.run(inner),
      commits: (inner) => Promise.race([this.#failed.promise, aborted(inner)]),
    });
  }

  goodbye(): void {
    this.#send([{ type: 'goodbye', code: 'link.stopping', reason: 'the agent stops' }]);
  }

  end(): void {
    this.#parts.tokens?.detach();
    this.#parts.hubQuestions?.detach();
    this.#pump?.end();
    this.#failed.reject(new LinkBroken('the session ended'));
    this.#welcomed.reject(new LinkBroken('the session ended'));
    this.#parts.socket.close(1000, '');
  }

  /** Resolves when no commit is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#committing]);
  }

  #takeMessage(message: Uint8Array): void {
    const { frames, unknown } = decode(message);
    if (unknown > 0) this.#parts.log.debug({ unknown }, 'skipped frames of a newer hub');
    const deliveries: Deliver[] = [];
    for (const frame of frames) {
      if (!isHubFrame(frame)) throw new LinkProtocolViolation(`a hub does not send ${frame.type}`);
      if (frame.type === 'deliver') deliveries.push(frame);
      else if (frame.type === 'question') this.#takeQuestion(frame);
      else if (frame.type === 'answer') this.#parts.hubQuestions?.answer(frame);
      else this.#takeFrame(frame);
    }
    if (deliveries.length > 0) this.#watch(this.#receiver.take(deliveries));
  }

  #takeFrame(frame: Exclude<HubFrame, Deliver | Question | Answer>): void {
    switch (frame.type) {
      case 'welcome':
        this.#parts.welcomed(frame);
        this.#welcomed.resolve(frame);
        return;
      case 'level':
        this.#parts.levelled();
        return;
      case 'heldRequest':
        this.#watch(this.#answerHeld(frame));
        return;
      case 'reportAck':
      case 'reportNack':
      case 'tokenGrant':
      case 'tokenRefusal':
        this.#takeAnswer(frame);
        return;
      case 'heartbeat':
        this.#parts.roundTrip(Math.max(0, this.#parts.clock.monotonic() - frame.sentMs));
        return;
      case 'goodbye':
        throw new HubSaidGoodbye(`the hub said goodbye: ${frame.code}: ${frame.reason}`);
    }
  }

  #takeAnswer(frame: ReportAck | ReportNack | TokenGrant | TokenRefusal): void {
    if (frame.type === 'tokenGrant' || frame.type === 'tokenRefusal')
      this.#parts.tokens?.answer(frame);
    else if (this.#pump) this.#watch(this.#pump.settle(frame));
  }

  /** The answer to a session that has ended goes nowhere. */
  #takeQuestion(frame: Question): void {
    void this.#parts.questions?.answer(frame).then((answer) => this.#send([answer]));
  }

  /** Nothing is delivered before the answer, so no change is under way. */
  async #answerHeld({ epoch, forget }: HeldRequest): Promise<void> {
    const { meta, log } = this.#parts;
    if (forget)
      log.warn({ epoch, held: meta.size }, 'the cluster was restored: versions begin anew');
    if (epoch !== meta.epoch || forget) await meta.enter(epoch, { forget });
    this.#sendHeld();
  }

  #sendHeld(): void {
    const objects = [...this.#parts.meta.held()].map(({ key, uid, version }) => ({
      key,
      uid,
      version: String(version),
    }));
    for (let from = 0; ; from += heldPerFrame) {
      const more = from + heldPerFrame < objects.length;
      this.#send([{ type: 'held', objects: objects.slice(from, from + heldPerFrame), more }]);
      if (!more) return;
    }
  }

  async #heartbeat(everyMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    for (;;) {
      const now = clock.monotonic();
      if (now - this.#heardAt > everyMs * missedHeartbeats)
        throw this.#silent(`nothing heard for ${Math.round(now - this.#heardAt)} ms`);
      const unapplied = this.#parts.unapplied();
      this.#send([{ type: 'heartbeat', sentMs: Math.floor(now), unapplied }]);
      await clock.sleep(everyMs, signal);
    }
  }

  async #welcomeInTime(signal: AbortSignal): Promise<Welcome> {
    const { clock } = this.#parts;
    const welcome = await within(welcomeTimeoutMs, this.#welcomed.promise, { clock, signal });
    if (welcome) return welcome;
    throw this.#silent(`no answer to hello for ${welcomeTimeoutMs} ms`);
  }

  /** Nobody would answer a polite end: the connection is cut, and the next attempt is not kept waiting. */
  #silent(reason: string): LinkSilent {
    this.#silence = new LinkSilent(reason);
    this.#parts.socket.cut();
    return this.#silence;
  }

  /** A failed commit ends the session: what was not acknowledged will be offered again. */
  #watch(committing: Promise<void>): void {
    this.#committing.add(committing);
    committing
      .catch((error: unknown) => this.#failed.reject(error))
      .finally(() => this.#committing.delete(committing));
  }

  #send(frames: readonly EdgeFrame[]): void {
    if (frames.length > 0) this.#parts.socket.send(encode(frames));
  }
}
