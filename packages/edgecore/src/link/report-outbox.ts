import { Bell } from '@skerry/shared/bell';
import type { Clock } from '@skerry/shared/clock';
import type { Report, ReportClass } from '@skerry/shared/delivery/report';
import { codeOf } from '@skerry/shared/errors';
import type { ObjectKey } from '@skerry/shared/names';
import type { Span, Tracing } from '@skerry/shared/tracing/tracing';
import type { Store, Table, Write } from '@skerry/shared/store';
import { fromEntry, toEntry, type QueuedReport } from './report-entry.ts';
import { ReportLine, type Dropped, type Slot, type Waiting } from './report-line.ts';
import type { DropReason, ReportPolicies } from './report-policy.ts';
import type { Reporter } from './reporter.ts';

export interface ReportOutboxParts {
  readonly store: Store;
  /** Where in the store; `reports` unless given. */
  readonly table?: string;
  readonly policies: ReportPolicies;
  readonly clock: Clock;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  /** Told of every report that was given up; its class is unknown where it could not be read. */
  readonly onDropped: (kind: ReportClass | 'unknown', reason: DropReason) => void;
  /** Told of every report that was accepted, and when it was made, milliseconds since the epoch. */
  readonly onAccepted?: (kind: ReportClass, at: number) => void;
}

/** Told what the hub answered to the newest report of a key: undefined when it was accepted. */
export type OnAnswered = (key: ObjectKey, refusal: string | undefined) => void;

/** A report on disk or on its way there, and what is in its slot should the disk refuse it. */
interface Kept {
  readonly report: Waiting;
  before?: Kept | undefined;
}

/**
 * Reports on their way to the API server, on disk until it has accepted them (G4).
 *
 * `status` keeps the newest report per key, in the place of the one it replaces, so that a busy key
 * neither jumps the line nor starves. `event` and `telemetry` keep every report in order. Each class has
 * a quota, a time to live and a policy for when it is full. Memory holds an index, not the payloads.
 */
export class ReportOutbox implements Reporter {
  readonly #parts: ReportOutboxParts;
  readonly #table: Table;
  /** Not yet handed to the link. */
  readonly #line: ReportLine;
  /** Handed to the link and not settled, in order. */
  readonly #inflight = new Map<number, Waiting>();
  /** Bytes of what is in flight, or on its way to the disk. */
  readonly #heldBytes: Record<ReportClass, number> = { status: 0, event: 0, telemetry: 0 };
  /** The newest report of each slot, on disk or on its way there. */
  readonly #newest = new Map<Slot, Kept>();
  readonly #arrived = new Bell();
  #nextId = 1;
  onAnswered: OnAnswered = () => undefined;

  private constructor(parts: ReportOutboxParts) {
    this.#parts = parts;
    this.#table = parts.store.table(parts.table ?? 'reports');
    this.#line = new ReportLine(parts.policies);
  }

  /** What cannot be read is given up, and the rest is kept. */
  static async open(parts: ReportOutboxParts): Promise<ReportOutbox> {
    const outbox = new ReportOutbox(parts);
    const waiting: Waiting[] = [];
    const unreadable: Slot[] = [];
    for await (const [slot, entry] of outbox.#table.entries()) {
      const report = fromEntry(entry);
      if (report) waiting.push(waitingOf(slot, report));
      else unreadable.push(slot);
    }
    for (const report of waiting.toSorted((a, b) => a.id - b.id)) outbox.#recall(report);
    for (const _ of unreadable) parts.onDropped('unknown', 'unreadable');
    await parts.store.commit(unreadable.map((slot) => outbox.#table.del(slot)));
    return outbox;
  }

  /** Reports not yet accepted. */
  get size(): number {
    return this.#line.size + this.#inflight.size;
  }

  /** The reports not yet accepted, as the disk has them. */
  async *waiting(): AsyncGenerator<QueuedReport> {
    for await (const [, entry] of this.#table.entries()) {
      const report = fromEntry(entry);
      if (report) yield report;
    }
  }

  /** When the oldest report was made that is not accepted, milliseconds since the epoch. */
  get oldestAt(): number | undefined {
    const held = [...this.#inflight.values()].map(({ at }) => at);
    const oldest = Math.min(this.#line.oldestAt ?? Infinity, ...held);
    return Number.isFinite(oldest) ? oldest : undefined;
  }

  /** Bytes of payload not yet accepted. */
  bytesOf(kind: ReportClass): number {
    return this.#line.bytesOf(kind) + this.#heldBytes[kind];
  }

  async report(report: Report): Promise<void> {
    const span = this.#begin(report);
    const id = this.#nextId++;
    const queued = { ...report, id, at: this.#parts.clock.now(), trace: span?.context };
    const waiting = waitingOf(slotOf(queued), queued);
    const dropped = this.#line.makeRoom(waiting, this.#heldBytes[waiting.class], queued.at);
    const room = this.#forget(dropped);
    const isDropped = dropped.some(({ report: one }) => one === waiting);
    try {
      if (isDropped) await this.#parts.store.commit(room);
      else await this.#keep(waiting, [...room, this.#table.put(waiting.slot, toEntry(queued))]);
      span?.end(isDropped ? 'overflow' : undefined);
    } catch (error) {
      span?.end(codeOf(error));
      this.#recover(dropped.filter(({ report: one }) => one !== waiting));
      throw error;
    }
    this.#count(dropped);
  }

  /** Hands out the next reports, at most `limit`. */
  async take(limit: number): Promise<QueuedReport[]> {
    const { taken, dropped } = this.#line.take(limit, this.#parts.clock.now());
    for (const report of taken) this.#hold(report);
    this.#count(dropped);
    const [entries] = await Promise.all([
      this.#table.getMany(taken.map(({ slot }) => slot)),
      this.#parts.store.commit(this.#forget(dropped)),
    ]);
    return entries.flatMap((entry, i) => this.#loaded(taken[i], entry));
  }

  /** The report was accepted, or refused for good for this reason. An id not handed out is ignored. */
  async settle(id: number, refusal?: string): Promise<void> {
    const report = this.#release(id);
    if (!report) return;
    if (refusal !== undefined) this.#parts.onDropped(report.class, 'refused');
    else this.#parts.onAccepted?.(report.class, report.at);
    if (!this.#isNewest(report)) return;
    this.#newest.delete(report.slot);
    await this.#parts.store.commit([this.#table.del(report.slot)]);
    if (!this.#newest.has(report.slot)) this.onAnswered(report.key, refusal);
  }

  /** The link was lost: what was handed out and not settled is next again, unless replaced meanwhile. */
  rewind(): void {
    const unsettled = [...this.#inflight.keys()].flatMap((id) => this.#release(id) ?? []);
    for (const report of [...unsettled, ...this.#line.clear()])
      if (this.#isNewest(report)) this.#line.add(report);
  }

  /** Resolves when a report arrives after this call; rejects when the signal aborts. */
  arrival(signal: AbortSignal): Promise<void> {
    return this.#arrived.wait(signal);
  }

  get idle(): boolean {
    return this.#line.size === 0;
  }

  #begin({ key, class: kind }: Report): Span | undefined {
    const facts = { 'skerry.key': key, 'skerry.class': kind };
    return this.#parts.tracing?.begin('reported', { facts });
  }

  #recall(report: Waiting): void {
    this.#newest.set(report.slot, { report });
    this.#line.add(report);
    this.#nextId = Math.max(this.#nextId, report.id + 1);
  }

  async #keep(report: Waiting, writes: readonly Write[]): Promise<void> {
    const kept: Kept = { report, before: this.#newest.get(report.slot) };
    this.#newest.set(report.slot, kept); // from here on, settling an older report leaves the slot alone
    this.#heldBytes[report.class] += report.bytes;
    try {
      await this.#parts.store.commit(writes);
    } catch (error) {
      this.#undo(kept);
      throw error;
    } finally {
      this.#heldBytes[report.class] -= report.bytes;
    }
    kept.before = undefined;
    this.#line.add(report);
    this.#arrived.ring();
  }

  /** The disk refused it: its slot holds what it held before, which goes again if it has gone already. */
  #undo({ report, before }: Kept): void {
    let newer: Kept | undefined;
    let at = this.#newest.get(report.slot);
    for (; at && at.report !== report; at = at.before) newer = at;
    if (!at) return;
    if (newer) newer.before = before;
    else if (before) this.#newest.set(report.slot, before);
    else this.#newest.delete(report.slot);
    if (newer || !before || this.#inflight.has(before.report.id)) return;
    if (!this.#line.has(before.report)) this.#line.putBack([before.report]);
  }

  #isNewest({ slot, id }: Waiting): boolean {
    return this.#newest.get(slot)?.report.id === id;
  }

  #count(dropped: readonly Dropped[]): void {
    for (const { report, reason } of dropped) this.#parts.onDropped(report.class, reason);
  }

  /** Writes what is returned; only the newest of a slot is on disk. */
  #forget(dropped: readonly Dropped[]): Write[] {
    const kept = dropped.filter(({ report }) => this.#isNewest(report));
    for (const { report } of kept) this.#newest.delete(report.slot);
    return kept.map(({ report }) => this.#table.del(report.slot));
  }

  /** The disk refused what they were to give way to: they are on it still, and wait again. */
  #recover(dropped: readonly Dropped[]): void {
    const kept = dropped.filter(({ report }) => !this.#newest.has(report.slot));
    for (const { report } of kept) this.#newest.set(report.slot, { report });
    this.#line.putBack(kept.map(({ report }) => report));
  }

  #hold(report: Waiting): void {
    this.#inflight.set(report.id, report);
    this.#heldBytes[report.class] += report.bytes;
  }

  #release(id: number): Waiting | undefined {
    const report = this.#inflight.get(id);
    if (!report) return undefined;
    this.#inflight.delete(id);
    this.#heldBytes[report.class] -= report.bytes;
    return report;
  }

  /** The slot may hold a newer report by now, which is about to be queued itself: this one is given up. */
  #loaded(taken: Waiting | undefined, entry: Uint8Array | undefined): QueuedReport[] {
    const stored = taken && entry && fromEntry(entry);
    if (stored && stored.id === taken.id) return [stored];
    if (taken) this.#release(taken.id);
    return [];
  }
}

function slotOf({ class: kind, key, id }: QueuedReport): Slot {
  return kind === 'status' ? `status/${key}` : `line/${String(id).padStart(16, '0')}`;
}

function waitingOf(slot: Slot, { id, class: kind, key, at, payload }: QueuedReport): Waiting {
  return { id, slot, class: kind, key, at, bytes: payload.length };
}
