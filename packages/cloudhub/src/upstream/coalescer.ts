import { fullJitter, type BackoffLimits } from '@skerry/shared/backoff';
import type { Clock, Random } from '@skerry/shared/clock';
import type { ReportOutcome } from '@skerry/shared/delivery/report';
import { EdgeError, codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { supervise, type Task } from '@skerry/shared/supervise';
import { Throttled } from '../kube/kube-errors.ts';
import { FairQueue, type Rank } from './fair-queue.ts';
import type { ReportWriter, Submission } from './report-writer.ts';

/** Delays between attempts to write one key. */
export const upstreamBackoff: BackoffLimits = { firstMs: 100, maxMs: 10_000 };

export interface CoalescerParts {
  readonly write: ReportWriter;
  /** Writes under way at once. */
  readonly concurrency: number;
  /** Time between two writes of one key, milliseconds; the first of a quiet key goes at once. */
  readonly spacingMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told of every attempt that will be repeated, by the code of its failure. */
  readonly onRetry: (code: string) => void;
}

type Waiter = PromiseWithResolvers<ReportOutcome>;

/** The newest that is to be written, and everybody who waits for it. */
interface Job {
  readonly submission: Submission;
  readonly waiters: readonly Waiter[];
}

/** One key of one node. A node cannot get between another and its key. */
interface Slot {
  readonly id: string;
  readonly node: Submission['node'];
  readonly rank: Rank;
  delays: Generator<number, never>;
  /** Not yet begun. */
  next: Job | undefined;
  /** Queued, being written, at rest after a write, or waiting to be tried again. */
  busy: boolean;
}

/**
 * Writes reports, at most one per key at a time, with a rest in between, and always the newest: what
 * arrives meanwhile replaces what has not begun, and both are answered together. What fails and may be
 * tried again is, without end, with growing delays; when the server asks for quiet, everything waits.
 *
 * It holds one report per key, however long the server is away (G6).
 */
export class Coalescer {
  readonly #parts: CoalescerParts;
  readonly #slots = new Map<string, Slot>();
  readonly #queue = new FairQueue<Slot>();
  #quietUntil = 0;
  #ended: Error | undefined;

  constructor(parts: CoalescerParts) {
    this.#parts = parts;
  }

  /** Keys that are not settled, or at rest. */
  get pending(): number {
    return this.#slots.size;
  }

  /** Resolves when this report, or a newer one of its key, was accepted or refused for good. */
  submit(submission: Submission, rank: Rank): Promise<ReportOutcome> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const waiter: Waiter = Promise.withResolvers();
    const slot = this.#slotOf(submission, rank);
    slot.next = { submission, waiters: [...(slot.next?.waiters ?? []), waiter] };
    this.#enqueue(slot);
    return waiter.promise;
  }

  /** Works until `signal` aborts; then everything that waits is rejected with its reason. */
  async run(signal: AbortSignal): Promise<void> {
    const worker: Task = (inner) => this.#work(inner);
    const workers = Array.from({ length: this.#parts.concurrency }, (_, n) => [n, worker] as const);
    try {
      await supervise(signal, Object.fromEntries(workers));
    } finally {
      const ended = new DOMException('the writers stopped', 'AbortError');
      this.#ended = ended;
      for (const { next } of this.#slots.values())
        for (const { reject } of next?.waiters ?? []) reject(ended);
      this.#slots.clear();
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const slot = await this.#queue.take(signal);
      await this.#keepQuiet(signal);
      const job = slot.next;
      slot.next = undefined;
      if (job) await this.#attempt(slot, job, signal);
    }
  }

  async #attempt(slot: Slot, job: Job, signal: AbortSignal): Promise<void> {
    try {
      this.#settle(slot, job, await this.#parts.write(job.submission, signal), signal);
    } catch (error) {
      if (isAbort(error, signal) || (error instanceof EdgeError && error.disposition === 'fatal')) {
        this.#putBack(slot, job);
        throw error;
      }
      if (error instanceof EdgeError && error.disposition === 'retry')
        this.#retry(slot, job, error, signal);
      else this.#settle(slot, job, this.#refusal(job, error), signal);
    }
  }

  /** Also for what nobody foresaw: a report that trips over a bug of ours must not stop the hub. */
  #refusal({ submission: { key, node } }: Job, error: unknown): ReportOutcome {
    const refusal = { do: 'refused', code: codeOf(error), reason: messageOf(error) } as const;
    const level = error instanceof EdgeError ? 'warn' : 'error';
    this.#parts.log[level]({ key, node, ...refusal }, 'report was refused');
    return refusal;
  }

  #settle(slot: Slot, { waiters }: Job, outcome: ReportOutcome, signal: AbortSignal): void {
    slot.delays = this.#freshDelays();
    this.#rest(slot, signal);
    for (const { resolve } of waiters) resolve(outcome);
  }

  #rest(slot: Slot, signal: AbortSignal): void {
    const { clock, spacingMs } = this.#parts;
    if (spacingMs === 0) {
      this.#rested(slot);
      return;
    }
    clock.sleep(spacingMs, signal).then(
      () => this.#rested(slot),
      () => undefined, // the hub stops
    );
  }

  #rested(slot: Slot): void {
    slot.busy = false;
    if (slot.next) this.#enqueue(slot);
    else this.#slots.delete(slot.id);
  }

  #retry(slot: Slot, job: Job, error: EdgeError, signal: AbortSignal): void {
    const { clock, log, onRetry } = this.#parts;
    onRetry(error.code);
    const { key, node } = job.submission;
    log.debug(
      { key, node, code: codeOf(error), reason: messageOf(error) },
      'report will be retried',
    );
    this.#putBack(slot, job);
    if (error instanceof Throttled)
      this.#quietUntil = Math.max(this.#quietUntil, clock.monotonic() + error.retryAfterMs);
    clock.sleep(slot.delays.next().value, signal).then(
      () => this.#queue.push(slot),
      () => undefined, // the hub stops
    );
  }

  /** What arrived while the attempt failed is newer and stands for both. */
  #putBack(slot: Slot, { submission, waiters }: Job): void {
    slot.next = slot.next
      ? { submission: slot.next.submission, waiters: [...waiters, ...slot.next.waiters] }
      : { submission, waiters };
  }

  #enqueue(slot: Slot): void {
    if (slot.busy) return;
    slot.busy = true;
    this.#queue.push(slot);
  }

  #slotOf({ node, key }: Submission, rank: Rank): Slot {
    const id = `${node} ${key}`;
    const known = this.#slots.get(id);
    if (known) return known;
    const delays = this.#freshDelays();
    const slot: Slot = { id, node, rank, delays, next: undefined, busy: false };
    this.#slots.set(id, slot);
    return slot;
  }

  #freshDelays(): Generator<number, never> {
    return fullJitter(upstreamBackoff, this.#parts.random);
  }

  async #keepQuiet(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    for (let left = this.#left(); left > 0; left = this.#left()) await clock.sleep(left, signal);
  }

  #left(): number {
    return this.#quietUntil - this.#parts.clock.monotonic();
  }
}
