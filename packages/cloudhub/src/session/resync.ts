import type { Held, HeldRequest, Hello } from '@skerry/proto/frames';
import type { Change, HeldVersion } from '@skerry/shared/change';
import type { Clock } from '@skerry/shared/clock';
import {
  keyParts,
  uid,
  version,
  type NodeName,
  type ObjectKey,
  type Version,
} from '@skerry/shared/names';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Tracing } from '@skerry/shared/tracing/tracing';
import type { DeadLetter } from '../ledger/dead-letters.ts';
import type { Ledger, NodeLedger } from '../ledger/ledger.ts';
import type { News } from '../route/delivery.ts';
import { traceMissing } from './trace-changes.ts';
import { contradicts, difference, type Needs } from './difference.ts';

/** The cluster's number line, as far as a session asks. */
export interface ClusterLine {
  readonly epoch: number;
  /** The highest version seen. */
  readonly horizon: Version;
  /** The cluster's newest version, read from the cluster itself. */
  newest(): Promise<Version>;
}

export interface ResyncParts {
  readonly node: NodeName;
  readonly ledger: Ledger;
  readonly placement: Needs;
  readonly line: ClusterLine;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** How often a cluster that does not say how far it is is asked again, milliseconds. */
export const askNewestEveryMs = 1_000;
/** How often a hub that lags behind a node looks whether it has caught up, milliseconds. */
export const catchUpEveryMs = 100;

/** Finds out what one node lacks: by its digest where the ledger agrees, by asking where it does not. */
export class Resync {
  readonly #parts: ResyncParts;
  readonly #ledger: NodeLedger;
  #told: HeldVersion[] = [];

  private constructor(parts: ResyncParts, ledger: NodeLedger) {
    this.#parts = parts;
    this.#ledger = ledger;
  }

  /** The ledger and the cluster must both be known before anything can be said to be missing. */
  static async begin(parts: ResyncParts): Promise<Resync> {
    const ledger = await parts.ledger.open(parts.node);
    await parts.placement.whenSynced;
    return new Resync(parts, ledger);
  }

  /** Objects that the node has acknowledged. */
  get acknowledged(): number {
    return this.#ledger.size;
  }

  /**
   * What to ask of a node that said this; undefined when it holds what it has acknowledged. Versions of
   * another number line than the cluster's are to be forgotten.
   */
  async question(hello: Hello, signal: AbortSignal): Promise<HeldRequest | undefined> {
    const { epoch } = this.#parts.line;
    if (hello.epoch !== 0 && hello.epoch !== epoch) return this.#ask(true);
    if (await this.#isAhead(hello, signal)) return this.#ask(true);
    if (hello.epoch === 0 || !this.#ledger.agrees(hello.digest)) return this.#ask(false);
    return this.doubt(signal);
  }

  /**
   * What to ask of a node that holds what the cluster never had; undefined when it does not.
   *
   * Before that, this hub must have seen whatever another hub has given to the node: it would take back
   * what is new to it. A kind that the cluster does not serve is not waited for.
   */
  async doubt(signal: AbortSignal): Promise<HeldRequest | undefined> {
    while (this.#lags()) await this.#parts.clock.sleep(catchUpEveryMs, signal);
    if (!contradicts(this.#parts.placement, this.#ledger)) return undefined;
    return this.#ask(true);
  }

  #ask(forget: boolean): HeldRequest {
    const { epoch } = this.#parts.line;
    const { acknowledged } = this;
    this.#parts.log.info({ acknowledged, epoch, forget }, 'the node is asked what it holds');
    return { type: 'heldRequest', epoch, forget };
  }

  /**
   * Whether the node has seen more than the cluster has been through, by the cluster's own word: it may be
   * this hub that lags behind. Until the cluster has spoken, nothing can be said to the node.
   */
  async #isAhead({ horizon }: Hello, signal: AbortSignal): Promise<boolean> {
    if (horizon === '') return false;
    const { line, clock, log } = this.#parts;
    const known = version(horizon);
    while (known > line.horizon) {
      const newest = await line.newest().catch((error: unknown) => {
        log.warn({ code: codeOf(error), reason: messageOf(error) }, 'the cluster cannot be asked');
      });
      if (newest !== undefined) return known > newest;
      await clock.sleep(askNewestEveryMs, signal);
    }
    return false;
  }

  #lags(): boolean {
    for (const { key, version: at } of this.#ledger.entries()) {
      const seen = this.#parts.placement.progressOf(keyParts(key).resource);
      if (at > seen && seen > 0n) return true;
    }
    return false;
  }

  /** One part of what the node says it holds; throws MalformedName. */
  tell({ objects }: Held): void {
    for (const { key, uid: id, version: at } of objects) {
      keyParts(key); // refuses what is no key
      this.#told.push({ key: key as ObjectKey, uid: uid(id), version: version(at) });
    }
  }

  /** All parts are told: the ledger takes the node's word. */
  told(): void {
    const told = this.#told;
    this.#told = [];
    this.#keep(this.#ledger.replace(told));
  }

  /** What makes the node equal to the cluster as it is at this moment. */
  missing(): readonly News[] {
    const lacking = difference(this.#parts.placement, this.#parts.node, this.#ledger);
    const missing = lacking.filter(({ change }) => !this.#ledger.dead.has(change));
    return traceMissing(this.#parts.tracing, missing);
  }

  /** The node has these on disk. */
  acknowledge(changes: readonly Change[]): void {
    this.#keep(this.#ledger.record(changes));
  }

  /** Sets a refused change aside until its object changes. */
  refuse(letter: DeadLetter): void {
    this.#keep(this.#ledger.refuse(letter));
  }

  /** How many changes are refused. */
  get refused(): number {
    return this.#ledger.dead.size;
  }

  /** Refused changes, oldest first. */
  get dead(): readonly DeadLetter[] {
    return [...this.#ledger.dead.values()];
  }

  /** The session has ended. */
  end(): void {
    this.#parts.ledger.close(this.#ledger);
  }

  /** Of what the node has acknowledged. */
  digest(): Uint8Array {
    return this.#ledger.digest();
  }

  /** The ledger may lag behind: the digest will tell. */
  #keep(writing: Promise<void>): void {
    const { log } = this.#parts;
    writing.catch((error: unknown) =>
      log.warn({ code: codeOf(error), reason: messageOf(error) }, 'the ledger is behind'),
    );
  }
}
