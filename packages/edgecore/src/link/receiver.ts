import type { Deliver, EdgeFrame } from '@skerry/proto/frames';
import type { Change } from '@skerry/shared/change';
import { EdgeError, codeOf } from '@skerry/shared/errors';
import { objectKey, uid, version, type ObjectKey, type ResourceName } from '@skerry/shared/names';
import type { Log } from '@skerry/shared/log';
import type { TraceContext } from '@skerry/shared/tracing/trace-context';
import type { Tracing } from '@skerry/shared/tracing/tracing';
import type { Applying } from '../meta/meta-store.ts';
import { beginDelivery, type DeliverySpans } from './delivery-spans.ts';
import { LinkProtocolViolation } from './link-errors.ts';

export interface ReceiverParts {
  readonly apply: (changes: readonly Change[]) => Applying;
  readonly send: (frames: readonly EdgeFrame[]) => void;
  /** Told every key that changed, after it is durable and acknowledged. */
  readonly wake: Wake;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  readonly log: Log;
}

/** Told of an object that has come, changed or gone, and as what it is followed, where it is. */
export type Wake = (key: ObjectKey, trace?: TraceContext) => void;

interface Taken {
  readonly change: Change;
  readonly spans: DeliverySpans | undefined;
}

/**
 * Takes deliveries in: **commit, then ack, then act** (G3).
 *
 * One WebSocket message is one commit; several messages share a synced batch while one is being
 * written, so the line never waits for the disk. Acks leave in order, because commits end in order.
 */
export class Receiver {
  readonly #parts: ReceiverParts;
  #lastSeq = 0;
  /** Everything taken in so far is acknowledged. */
  #acknowledged: Promise<unknown> = Promise.resolve();

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the deliveries are durable and acknowledged. An ack speaks for all before it: one that
   * needs no commit waits for theirs, and after a commit that failed there is none.
   *
   * @throws LinkProtocolViolation at once when a seq is skipped or repeated.
   * @throws StoreWriteFailed later when the disk refuses them.
   */
  take(deliveries: readonly Deliver[]): Promise<void> {
    const taken: Taken[] = [];
    for (const delivery of deliveries) {
      this.#expectNext(delivery.seq);
      const spans = beginDelivery(this.#parts.tracing, delivery);
      const change = this.#parse(delivery, spans);
      if (change) taken.push({ change, spans });
    }
    const acknowledged = this.#commit(taken, this.#lastSeq);
    this.#acknowledged = acknowledged;
    return acknowledged;
  }

  async #commit(taken: readonly Taken[], upTo: number): Promise<void> {
    const { outcomes, durable } = this.#parts.apply(taken.map(({ change }) => change));
    try {
      await Promise.all([this.#acknowledged, durable]);
    } catch (error) {
      for (const { spans } of taken) spans?.failed(codeOf(error));
      throw error;
    }
    for (const { spans } of taken) spans?.persisted();
    this.#parts.send([{ type: 'ack', seq: upTo }]);
    taken.forEach(({ change: { key }, spans }, i) => {
      spans?.acked();
      if (outcomes[i] === 'applied') this.#parts.wake(key, spans?.context);
    });
  }

  #expectNext(seq: number): void {
    if (seq !== this.#lastSeq + 1)
      throw new LinkProtocolViolation(`delivery ${seq} came after ${this.#lastSeq}`);
    this.#lastSeq = seq;
  }

  /** A delivery that can never be applied is refused with a code, and delays no other. */
  #parse(delivery: Deliver, spans: DeliverySpans | undefined): Change | undefined {
    const { seq, resource, namespace, name } = delivery;
    try {
      return {
        key: objectKey(resource as ResourceName, namespace, name),
        uid: uid(delivery.uid),
        version: version(delivery.version),
        object: delivery.object,
        withdrawn: delivery.withdrawn,
      };
    } catch (error) {
      if (!(error instanceof EdgeError) || error.disposition !== 'reject') throw error;
      this.#parts.log.warn({ seq, code: error.code, reason: error.message }, 'refused a delivery');
      spans?.failed(error.code);
      this.#parts.send([{ type: 'nack', seq, code: error.code, reason: error.message }]);
      return undefined;
    }
  }
}
