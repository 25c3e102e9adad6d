import { BILLION } from '@skerry/shared/kube/amounts';
import { containerRequests } from '@skerry/shared/kube/pod-needs';
import type { Uid } from '@skerry/shared/names';
import type { ObjectReader } from '../meta/object-reader.ts';
import { givePieces, type GivenPieces, type Piece, type PieceWish } from '../node/pieces.ts';
import { refusalOf, type NodeRoom, type PodVerdict } from './admission.ts';
import { parsePod } from './parse-pod.ts';
import { claimOf, type PodClaim } from './pod-claim.ts';
import type { PodObject } from './pod.ts';
import type { PodRecord } from './pod-record.ts';
import type { PodRecords } from './pod-records.ts';
import { identityOf } from './pod-shape.ts';
import { finalPhase } from './pod-status.ts';
import { PODS } from './pod-key.ts';

/** What is to be had on this node now. */
export interface AdmissionRoom extends NodeRoom {
  readonly pieces: readonly Piece[];
}

export interface AdmissionsParts {
  readonly objects: ObjectReader;
  readonly records: PodRecords;
  readonly room: () => Promise<AdmissionRoom>;
}

/** A pod is taken, with pieces of its own, or refused for good. */
export type AdmissionOutcome =
  | { readonly do: 'take'; readonly given: GivenPieces }
  | { readonly do: 'refuse'; readonly verdict: PodVerdict };

interface Taken {
  readonly claim: PodClaim;
  readonly given: GivenPieces;
}

/**
 * Who has been taken on this node, and so what is left. A pod is judged once in its life: one that was
 * taken stays, however the node has changed since, for a node that is cut off must bring back what it ran.
 */
export class Admissions {
  readonly #parts: AdmissionsParts;
  readonly #taken = new Map<Uid, Taken>();
  #recalled: Promise<void> | undefined;

  constructor(parts: AdmissionsParts) {
    this.#parts = parts;
  }

  /** Judges a pod that this node has not seen before. */
  async admit(pod: PodObject): Promise<AdmissionOutcome> {
    this.#recalled ??= this.#recall().catch((error: unknown) => {
      this.#recalled = undefined; // for the next pod to try again
      throw error;
    });
    await this.#recalled;
    const room = await this.#parts.room();
    const claim = claimOf(pod);
    const others = [...this.#taken].filter(([uid]) => uid !== claim.uid).map(([, taken]) => taken);
    const claims = others.map((other) => other.claim);
    // one that runs was taken by an agent whose record is lost
    const isKnown = pod.status?.phase === 'Running';
    const verdict = isKnown ? undefined : refusalOf(pod, claim, room, claims);
    if (verdict) return { do: 'refuse', verdict };
    const taken = others.map((other) => other.given);
    const given = givePieces(wishesOf(pod), room.pieces, taken);
    this.#taken.set(claim.uid, { claim, given });
    return { do: 'take', given };
  }

  /** The pod has ended, or is no longer held here. */
  release(uid: Uid): void {
    this.#taken.delete(uid);
  }

  /** Those that an earlier agent has taken. */
  async #recall(): Promise<void> {
    const { objects, records } = this.#parts;
    for (const { object } of await objects.list(PODS)) {
      const pod = parsePod(object);
      const { uid } = identityOf(pod);
      const record = await records.of(uid);
      if (record && isActive(pod, record) && !this.#taken.has(uid))
        this.#taken.set(uid, { claim: claimOf(pod), given: record.given ?? {} });
    }
  }
}

function isActive(pod: PodObject, { verdict, reported }: PodRecord): boolean {
  return verdict === undefined && finalPhase(pod, reported) === undefined;
}

/** Extended resources have a domain in their name, and come whole. */
function wishesOf({ spec }: PodObject): PieceWish[] {
  return [...(spec.initContainers ?? []), ...spec.containers].flatMap((container) =>
    [...containerRequests(container)]
      .filter(([resource]) => resource.includes('/'))
      .map(([resource, amount]) => ({
        container: container.name,
        resource,
        count: Number(amount / BILLION),
      })),
  );
}
