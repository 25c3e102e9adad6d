import type { HubFrame } from '@skerry/proto/frames';
import type { Change } from '@skerry/shared/change';
import type { Clock } from '@skerry/shared/clock';
import type { WindowLimits } from '@skerry/shared/delivery/inflight-window';
import type { Lane } from '@skerry/shared/delivery/outbox';
import { Sender, type SentChange } from '@skerry/shared/delivery/sender';
import type { NodeName, Seq } from '@skerry/shared/names';
import type { Tracing } from '@skerry/shared/tracing/tracing';
import { DeliverySpans } from './delivery-spans.ts';
import type { SessionView } from './session-parts.ts';
import { toFrame } from './to-frame.ts';

export interface DeliveryDeskParts {
  readonly window: WindowLimits;
  readonly clock: Clock;
  readonly send: (frames: readonly HubFrame[]) => void;
  readonly delivered: (changes: number) => void;
  /** A change is durable at the edge, so many milliseconds after it was to be sent. */
  readonly acked: (ms: number) => void;
  readonly node: NodeName;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** A session's way down: changes wait here, and leave as the window allows once the desk is open. */
export class DeliveryDesk {
  readonly #parts: DeliveryDeskParts;
  readonly #sender: Sender;
  readonly #spans: DeliverySpans | undefined;
  #isOpen = false;
  #pumping = false;

  constructor(parts: DeliveryDeskParts) {
    this.#parts = parts;
    this.#sender = new Sender(parts.window);
    const { tracing, node } = parts;
    this.#spans = tracing && new DeliverySpans({ tracing, node });
  }

  /** Changes that wait to be sent. */
  get pending(): number {
    return this.#sender.pending;
  }

  get view(): Pick<SessionView, 'pending' | 'inflight' | 'oldestMs'> {
    const { pending, inflight, oldestAt } = this.#sender;
    const oldestMs = oldestAt === undefined ? undefined : this.#parts.clock.monotonic() - oldestAt;
    return { pending, inflight, oldestMs };
  }

  /** For how long the oldest change sent has not been settled, milliseconds; 0 when all are. */
  get overdueMs(): number {
    const now = this.#parts.clock.monotonic();
    return now - (this.#sender.oldestSentAt ?? now);
  }

  /** What is offered before the desk opens waits. */
  open(): void {
    this.#isOpen = true;
    this.#schedule();
  }

  close(): void {
    this.#isOpen = false;
    this.#spans?.lost();
  }

  offer(change: Change, lane: Lane): void {
    this.#sender.offer(change, lane, this.#parts.clock.monotonic());
    this.#schedule();
  }

  /** The changes now durable at the edge. Throws AckOutOfRange. */
  ack(upTo: Seq): Change[] {
    const settled = this.#sender.ack(upTo);
    this.#spans?.acked(upTo);
    this.#schedule();
    const now = this.#parts.clock.monotonic();
    return settled.map(({ change, since }) => {
      this.#parts.acked(now - since);
      return change;
    });
  }

  /** The change refused for good, unless it was settled before. Throws AckOutOfRange. */
  nack(seq: Seq, code: string): Change | undefined {
    const refused = this.#sender.nack(seq);
    this.#spans?.nacked(seq, code);
    this.#schedule();
    return refused;
  }

  /** Everything offered in one turn leaves in as few messages as the window allows. */
  #schedule(): void {
    if (!this.#pumping) queueMicrotask(() => this.#pump());
    this.#pumping = true;
  }

  #pump(): void {
    this.#pumping = false;
    while (this.#isOpen) {
      const now = this.#parts.clock.monotonic();
      const message = this.#sender.take(now);
      if (message.length === 0) return;
      this.#parts.send(message.map((sent) => this.#frameOf(sent, now)));
      this.#parts.delivered(message.length);
    }
  }

  #frameOf(sent: SentChange, now: number): HubFrame {
    const context = this.#spans?.sent(sent, now - sent.since);
    return toFrame(sent.seq, sent.change, context);
  }
}
