import type { Held } from '@skerry/proto/frames';
import type { Change, HeldVersion } from '@skerry/shared/change';
import { keyParts, uid, version, type NodeName, type ObjectKey } from '@skerry/shared/names';
import type { DeadLetter } from '../ledger/dead-letters.ts';
import type { Ledger, NodeLedger } from '../ledger/ledger.ts';
import type { News } from '../route/delivery.ts';
import { difference, type Needs } from './difference.ts';

export interface ResyncParts {
  readonly node: NodeName;
  readonly ledger: Ledger;
  readonly placement: Needs;
  readonly placementSynced: Promise<void>;
}

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
    await parts.placementSynced;
    return new Resync(parts, ledger);
  }

  /** Objects that the node has acknowledged. */
  get acknowledged(): number {
    return this.#ledger.size;
  }

  agrees(digest: Uint8Array): boolean {
    return this.#ledger.agrees(digest);
  }

  /** One part of what the node says it holds; throws MalformedName. */
  tell({ objects }: Held): void {
    for (const { key, uid: id, version: at } of objects) {
      keyParts(key); // refuses what is no key
      this.#told.push({ key: key as ObjectKey, uid: uid(id), version: version(at) });
    }
  }

  /** All parts are told: the ledger takes the node's word. */
  told(): Promise<void> {
    const told = this.#told;
    this.#told = [];
    return this.#ledger.replace(told);
  }

  /** What makes the node equal to the cluster as it is at this moment. */
  missing(): News[] {
    const lacking = difference(this.#parts.placement, this.#parts.node, this.#ledger);
    return lacking.filter(({ change }) => !this.#ledger.dead.has(change));
  }

  acknowledge(changes: readonly Change[]): Promise<void> {
    return this.#ledger.record(changes);
  }

  /** Sets a refused change aside until its object changes. */
  refuse(letter: DeadLetter): Promise<void> {
    return this.#ledger.refuse(letter);
  }

  /** How many changes are refused. */
  get refused(): number {
    return this.#ledger.dead.size;
  }

  /** Refused changes, oldest first. */
  get dead(): readonly DeadLetter[] {
    return [...this.#ledger.dead.values()];
  }

  /** Of what the node has acknowledged. */
  digest(): Uint8Array {
    return this.#ledger.digest();
  }
}
