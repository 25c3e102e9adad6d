import { randomUUID } from 'node:crypto';
import { encode } from '@skerry/proto/codec';
import type { NodeName } from '@skerry/shared/names';
import type { Socket } from '@skerry/shared/socket';
import type { Delivery } from '../route/delivery.ts';
import type { CloseReason } from './close-reason.ts';
import { inGroups } from './drain.ts';
import { Session } from './session.ts';
import type { HubParts, SessionView } from './session-parts.ts';

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
  #isDraining = false;

  constructor(parts: HubParts) {
    this.#parts = parts;
  }

  /** Nodes that are not connected learn of it from the difference when they come back. */
  offer(deliveries: readonly Delivery[]): void {
    for (const { node, change, lane } of deliveries)
      this.#admitted.get(node)?.session.offer(change, lane);
  }

  /** Runs a session for a connected node until it ends. */
  admit(node: NodeName, socket: Socket, signal: AbortSignal): Promise<void> {
    const before = this.#admitted.get(node);
    const refusal = this.#refusalOf(before);
    if (refusal) return this.#turnAway(node, socket, refusal);
    before?.session.close('session.superseded', 'the node connected again');
    const id = randomUUID();
    const log = this.#parts.log.child({ node, session: id });
    const session = new Session({ ...this.#parts, node, id, socket, log });
    const ended = this.#runAfter(before?.ended, node, session, signal);
    this.#admitted.set(node, { session, ended });
    return ended;
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
    signal: AbortSignal,
  ): Promise<void> {
    await before;
    const why = await session.run(signal);
    this.#parts.observer.ended(why);
    this.#parts.log.info({ node, code: why }, 'session ended');
    if (this.#admitted.get(node)?.session === session) this.#admitted.delete(node);
  }
}
