import { randomUUID } from 'node:crypto';
import { encode } from '@skerry/proto/codec';
import type { NodeName } from '@skerry/shared/names';
import type { Socket } from '@skerry/shared/socket';
import type { Delivery } from '../route/delivery.ts';
import type { CloseReason } from './close-reason.ts';
import { inGroups } from './drain.ts';
import { NodeAway, type NodeQuestion } from './question-desk.ts';
import { Session } from './session.ts';
import type { HubParts, SessionView } from './session-parts.ts';
import { traceChanges } from './trace-changes.ts';

interface Admitted {
  readonly session: Session;
  readonly ended: Promise<void>;
}

interface Refusal {
  readonly code: CloseReason;
  readonly reason: string;
}

/** The nodes connected now, at most one session each: a newcomer supersedes the old one. */
export class Sessions {
  readonly #parts: HubParts;
  readonly #admitted = new Map<NodeName, Admitted>();
  /** One watch for all sessions of a signal: a timer and a listener for each would cost more than they do. */
  readonly #watches = new Map<AbortSignal, Promise<void>>();
  #isDraining = false;

  constructor(parts: HubParts) {
    this.#parts = parts;
  }

  /** Nodes that are not connected learn of it from the difference when they come back. */
  offer(deliveries: readonly Delivery[]): void {
    const { tracing } = this.#parts;
    const going = tracing
      ? traceChanges(
          tracing,
          deliveries.filter(({ node }) => this.#admitted.has(node)),
        )
      : deliveries;
    for (const { node, change, lane } of going)
      this.#admitted.get(node)?.session.offer(change, lane);
  }

  /**
   * Asks a node what only it knows; resolves to JSON. Throws NodeAway, NoAnswer and AnswerRefused.
   */
  ask(node: NodeName, question: NodeQuestion, signal: AbortSignal): Promise<Uint8Array> {
    const session = this.#admitted.get(node)?.session;
    if (session) return session.ask(question, signal);
    return Promise.reject(new NodeAway(`node ${node} is not connected to this hub`));
  }

  /** Runs a session for a connected node until it ends; when the signal aborts, all of them do. */
  admit(node: NodeName, socket: Socket, signal: AbortSignal): Promise<void> {
    const before = this.#admitted.get(node);
    const refusal = this.#refusalOf(before);
    if (refusal) return this.#turnAway(node, socket, refusal);
    before?.session.close('session.superseded', 'the node connected again');
    const id = randomUUID();
    const log = this.#parts.log.child({ node, session: id });
    const session = new Session({ ...this.#parts, node, id, socket, log });
    const ended = this.#runAfter(before?.ended, node, session);
    this.#admitted.set(node, { session, ended });
    if (!this.#watches.has(signal)) this.#watches.set(signal, this.#watch(signal));
    return ended;
  }

  /** Looks at every session once a heartbeat, until the signal aborts: the hub stops. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, limits } = this.#parts;
    const rest = (): Promise<boolean> =>
      clock.sleep(limits.heartbeatMs, signal).then(
        () => true,
        () => false,
      );
    while (await rest()) for (const { session } of this.#admitted.values()) session.checkSilence();
    this.closeAll('session.stopping', 'the hub stops');
    this.#watches.delete(signal);
  }

  /** Why nobody is let in now, or no newcomer. */
  #refusalOf(before: Admitted | undefined): Refusal | undefined {
    const { maxNodes } = this.#parts;
    if (this.#isDraining) return { code: 'session.stopping', reason: 'the hub stops' };
    if (before || this.#admitted.size < maxNodes) return undefined;
    const reason = `this hub takes ${maxNodes} nodes (maxNodes), and so many are connected`;
    return { code: 'session.full', reason };
  }

  async #turnAway(node: NodeName, socket: Socket, { code, reason }: Refusal): Promise<void> {
    const { log, observer } = this.#parts;
    log.warn({ node, code, reason }, 'a node was turned away');
    observer.ended(code);
    socket.send(encode([{ type: 'goodbye', code, reason }]));
    socket.close(1013, code);
    await socket.closed;
  }

  /** Whether the hub is about to end. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Ends every session; the edges come back on their own. */
  closeAll(why: CloseReason, reason: string): void {
    for (const { session } of this.#admitted.values()) session.close(why, reason);
  }

  /** Takes nobody in any more, and sends everybody away over `withinMs` at most. */
  async drain(withinMs: number): Promise<void> {
    this.#isDraining = true;
    const sessions = [...this.#admitted.values()].map(({ session }) => session);
    const leave = (session: Session): void => session.close('session.stopping', 'the hub stops');
    await inGroups(sessions, leave, { clock: this.#parts.clock, withinMs });
  }

  views(): SessionView[] {
    return [...this.#admitted.values()].map(({ session }) => session.view);
  }

  /** The ledger has one holder at a time: the old session ends before the new one begins. */
  async #runAfter(
    before: Promise<void> | undefined,
    node: NodeName,
    session: Session,
  ): Promise<void> {
    await before;
    const why = await session.run();
    this.#parts.observer.ended(why);
    this.#parts.log.info({ node, code: why }, 'session ended');
    if (this.#admitted.get(node)?.session === session) this.#admitted.delete(node);
  }
}
