import { decode, encode } from '@skerry/proto/codec';
import {
  isEdgeFrame,
  type EdgeFrame,
  type Held,
  type HeldRequest,
  type Hello,
  type HubFrame,
} from '@skerry/proto/frames';
import type { Change } from '@skerry/shared/change';
import type { Lane } from '@skerry/shared/delivery/outbox';
import { isAbort, messageOf } from '@skerry/shared/errors';
import type { Seq } from '@skerry/shared/names';
import { loggedReasonOf, type CloseReason } from './close-reason.ts';
import { step, type SessionEvent, type SessionPhase } from './machine.ts';
import { refusalOf } from './greeting.ts';
import { DeliveryDesk } from './delivery-desk.ts';
import { Exchanges, isExchanged, type Exchanged } from './exchanges.ts';
import { NodeAway, type NodeQuestion } from './question-desk.ts';
import { Resync } from './resync.ts';
import {
  ackTimeoutMs,
  maxBufferedBytes,
  missedHeartbeats,
  type SessionParts,
  type SessionView,
} from './session-parts.ts';
import { toWelcome } from './to-frame.ts';

/**
 * The hub's end of one connection. Runs until the socket or the signal ends; a peer's mistake ends the
 * session with a reason, never the process.
 */
export class Session {
  readonly #parts: SessionParts;
  readonly #deliveries: DeliveryDesk;
  readonly #exchanges: Exchanges;
  #phase: SessionPhase = { phase: 'greeting' };
  readonly #ended = new AbortController();
  #greeted = false;
  /** The successor does not wait until a connection that may be dead has closed. */
  readonly #superseded = Promise.withResolvers<undefined>();
  #resync: Resync | undefined;
  #heardAt: number;
  #lastAckAt: number | undefined;
  #unapplied = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    const send = (frames: readonly HubFrame[]): void => this.#send(frames);
    const { clock, node, upstream, tokens, questions, log, tracing } = parts;
    const { window, reportWindow } = parts.limits;
    const { delivered, acked } = parts.observer;
    // Only what each needs: there are as many of them as there are nodes.
    const seen = { delivered, acked, tracing };
    this.#deliveries = new DeliveryDesk({ ...seen, node, clock, window, send });
    const own = { node, upstream, tokens, questions, clock, log, tracing, window: reportWindow };
    this.#exchanges = new Exchanges({ ...own, send: (frame) => send([frame]) });
    this.#heardAt = parts.clock.monotonic();
  }

  /** For metrics and NodeSync. */
  get view(): SessionView {
    const { node, id } = this.#parts;
    return {
      ...{ node, id, phase: this.#phase.phase },
      ...this.#deliveries.view,
      lastAckAt: this.#lastAckAt,
      unapplied: this.#unapplied,
      refused: this.#resync?.refused ?? 0,
      dead: () => this.#resync?.dead ?? [],
      digest: () => this.#resync?.digest(),
    };
  }

  /** Takes in what the edge says until the connection ends; resolves with why it did. */
  async run(): Promise<CloseReason> {
    try {
      await Promise.race([this.#receive(), this.#superseded.promise]);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.close('session.broken', 'the connection ended');
      this.#resync?.end();
    }
    return this.#phase.phase === 'closed' ? this.#phase.why : 'session.broken';
  }

  /** Ends the session when nothing was heard for too long, or an acknowledgement is overdue. */
  checkSilence(): void {
    const { clock, limits } = this.#parts;
    if (clock.monotonic() - this.#heardAt > missedHeartbeats * limits.heartbeatMs)
      this.close('session.silent', 'three heartbeats were missed');
    else if (this.#deliveries.overdueMs > ackTimeoutMs)
      this.close('session.ack-overdue', 'an acknowledgement is overdue');
  }

  /** News for this node. */
  offer(change: Change, lane: Lane): void {
    this.#deliveries.offer(change, lane);
  }

  /** Asks the node what only it knows; resolves to JSON. Throws NodeAway, NoAnswer, AnswerRefused. */
  ask(question: NodeQuestion, signal: AbortSignal): Promise<Uint8Array> {
    if (this.#greeted && !this.#isOver()) return this.#exchanges.ask(question, signal);
    return Promise.reject(new NodeAway(`node ${this.#parts.node} is not connected`));
  }

  /** Says why, and ends. Only the first reason counts. */
  close(why: CloseReason, reason: string): void {
    if (this.#phase.phase === 'closed') return;
    this.#end(why);
    this.#send([{ type: 'goodbye', code: why, reason }]);
    this.#parts.socket.close(1000, why);
  }

  #end(why: CloseReason): void {
    this.#phase = step(this.#phase, { type: 'end', why });
    this.#deliveries.close();
    this.#exchanges.end();
    this.#ended.abort(new DOMException('the session ended', 'AbortError'));
    if (why === 'session.superseded') this.#superseded.resolve(undefined);
  }

  async #receive(): Promise<void> {
    const { socket } = this.#parts;
    for await (const message of socket.messages()) {
      this.#heardAt = this.#parts.clock.monotonic();
      if (this.#isOver() || !this.#takeMessage(message)) break;
    }
  }

  /** False when the session is over. */
  #takeMessage(message: Uint8Array): boolean {
    try {
      const { frames, unknown } = decode(message);
      this.#parts.observer.skipped(unknown);
      for (const frame of frames) {
        if (isEdgeFrame(frame)) this.#takeFrame(frame);
        else this.close('session.protocol', `an edge does not send ${frame.type}`);
      }
    } catch (error) {
      this.#fail(error);
    }
    return !this.#isOver();
  }

  #isOver(): boolean {
    return this.#phase.phase === 'closed';
  }

  #takeFrame(frame: EdgeFrame): void {
    if (this.#greeted === (frame.type === 'hello')) {
      const why = this.#greeted ? 'hello came twice' : `${frame.type} came before hello`;
      this.close('session.protocol', why);
      return;
    }
    if (isExchanged(frame)) this.#exchange(frame);
    else this.#dispatch(frame);
  }

  #dispatch(frame: Exclude<EdgeFrame, Exchanged>): void {
    switch (frame.type) {
      case 'hello':
        this.#hello(frame);
        return;
      case 'held':
        this.#takeHeld(frame);
        return;
      case 'ack':
        this.#settled(this.#deliveries.ack(frame.seq as Seq));
        return;
      case 'nack':
        this.#refused(frame.seq as Seq, frame.code, frame.reason);
        return;
      case 'heartbeat':
        this.#unapplied = frame.unapplied;
        this.#parts.liveness.seen(this.#parts.node);
        this.#send([frame]);
        return;
      case 'goodbye':
        this.#parts.log.info({ code: frame.code, reason: frame.reason }, 'the edge said goodbye');
        this.close('session.edge-left', '');
    }
  }

  #exchange(frame: Exchanged): void {
    if (!this.#exchanges.take(frame, this.#ended.signal))
      this.close('session.protocol', `too many unanswered: ${frame.type}`);
  }

  #hello(hello: Hello): void {
    this.#greeted = true;
    const { node, liveness } = this.#parts;
    const refusal = refusalOf(hello, node);
    if (refusal) {
      this.close(refusal.why, refusal.reason);
      return;
    }
    liveness.seen(node);
    this.#send([toWelcome(this.#parts)]);
    const question = Resync.begin(this.#parts).then((resync) =>
      (this.#resync = resync).question(hello, this.#ended.signal),
    );
    this.#compare(question, 'agreed');
  }

  /** Asks the node what is to be asked, or sends what it lacks. The session's end calls that off. */
  #compare(question: Promise<HeldRequest | undefined>, otherwise: 'agreed' | 'compared'): void {
    const { signal } = this.#ended;
    const act = (ask: HeldRequest | undefined): void => {
      if (signal.aborted) return;
      if (!ask) this.#offerMissing(otherwise);
      else {
        this.#step({ type: 'asked' });
        this.#send([ask]);
      }
    };
    question.then(act).catch((error: unknown) => this.#fail(error));
  }

  #takeHeld(held: Held): void {
    if (!this.#resync || this.#phase.phase !== 'comparing') {
      this.close('session.protocol', 'held came without a request');
      return;
    }
    const resync = this.#resync;
    resync.tell(held);
    if (held.more) return;
    resync.told();
    this.#compare(resync.doubt(this.#ended.signal), 'compared');
  }

  /** From here on the outbox holds everything that the node lacks; nothing may come in between. */
  #offerMissing(type: 'agreed' | 'compared'): void {
    for (const { change, lane } of this.#resync?.missing() ?? [])
      this.#deliveries.offer(change, lane);
    this.#step({ type, missing: this.#deliveries.pending });
    this.#deliveries.open();
  }

  #settled(changes: readonly Change[]): void {
    this.#lastAckAt = this.#parts.clock.now();
    this.#resync?.acknowledge(changes);
    this.#step({ type: 'settled', count: changes.length });
  }

  #refused(seq: Seq, code: string, reason: string): void {
    const change = this.#deliveries.nack(seq, code);
    if (!change) return;
    const { clock, log, node, observer } = this.#parts;
    const { key, uid, version } = change;
    log.warn({ key, version: String(version), code, reason }, 'the node refused a change');
    const letter = { key, uid, version, code, reason, at: clock.now() };
    this.#resync?.refuse(letter);
    observer.refused(node, letter);
    this.#step({ type: 'settled', count: 1 });
  }

  #step(event: SessionEvent): void {
    const next = step(this.#phase, event);
    if (next.phase === 'closed')
      this.close(next.why, `${event.type} came while ${this.#phase.phase}`);
    else this.#enter(next);
  }

  #enter(next: SessionPhase): void {
    const levelled = next.phase === 'streaming' && this.#phase.phase !== 'streaming';
    this.#phase = next;
    if (levelled) this.#send([{ type: 'level' }]);
  }

  #fail(error: unknown): void {
    if (isAbort(error, this.#ended.signal)) return;
    this.close(loggedReasonOf(error, this.#parts.log), messageOf(error));
  }

  #send(frames: readonly HubFrame[]): void {
    const { socket } = this.#parts;
    socket.send(encode(frames));
    if (socket.bufferedBytes <= maxBufferedBytes) return;
    this.#end('session.slow-reader');
    socket.cut(); // a goodbye would only wait behind the rest
  }
}
