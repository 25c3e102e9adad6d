import { reportClasses, type ReportClass } from '@skerry/shared/delivery/report';
import type { ObjectKey } from '@skerry/shared/names';
import {
  hasExpired,
  type DropReason,
  type OverflowPolicy,
  type ReportPolicies,
  type ReportPolicy,
} from './report-policy.ts';

/** Where a report is kept: one slot per key for a status, one per report otherwise. */
export type Slot = string;

/** What a waiting report needs to be counted and found; its payload stays on disk. */
export interface Waiting {
  readonly id: number;
  readonly slot: Slot;
  readonly class: ReportClass;
  readonly key: ObjectKey;
  /** Of its payload. */
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A report that is given up, and why. */
export interface Dropped {
  readonly report: Waiting;
  readonly reason: DropReason;
}

/**
 * The order in which reports leave: within a class as they came, between classes by weight, so that none
 * starves. Pure bookkeeping, no I/O; every step takes constant time.
 */
export class ReportLine {
  readonly #policies: ReportPolicies;
  readonly #classes: Readonly<Record<ReportClass, ClassLine>> = {
    status: new ClassLine(),
    event: new ClassLine(),
    telemetry: new ClassLine(),
  };
  #credits: Record<ReportClass, number> = { status: 0, event: 0, telemetry: 0 };

  constructor(policies: ReportPolicies) {
    this.#policies = policies;
  }

  /** Reports that wait. */
  get size(): number {
    return reportClasses.reduce((sum, kind) => sum + this.#classes[kind].queue.size, 0);
  }

  /** Bytes that wait in a class. */
  bytesOf(kind: ReportClass): number {
    return this.#classes[kind].bytes;
  }

  /** Appends it, or puts it in the place of the one that it replaces. */
  add(report: Waiting): void {
    this.#classes[report.class].add(report);
  }

  has(report: Waiting): boolean {
    return this.#classes[report.class].queue.get(report.slot) === report;
  }

  /** What had to go and did not: all wait in the order in which they came. */
  putBack(reports: readonly Waiting[]): void {
    for (const kind of reportClasses) {
      const back = reports.filter((report) => report.class === kind);
      if (back.length === 0) continue;
      const line = this.#classes[kind];
      const all = [...back, ...line.clear()].toSorted((a, b) => a.id - b.id);
      for (const report of all) line.add(report);
    }
  }

  /**
   * What has to go for `newcomer`: the newcomer itself where there is no room for it. `heldBytes` of the
   * class are neither here nor gone.
   */
  makeRoom(newcomer: Waiting, heldBytes: number, now: number): Dropped[] {
    const policy = this.#policies[newcomer.class];
    const line = this.#classes[newcomer.class];
    const room = policy.quotaBytes - heldBytes - newcomer.bytes;
    const isFree = (): boolean => line.bytesWithout(newcomer.slot) <= room;
    const dropped: Dropped[] = [];
    const drop = (report: Waiting | undefined, reason: DropReason): boolean => {
      if (report) dropped.push({ report: line.drop(report), reason });
      return report !== undefined;
    };
    if (room >= 0) {
      while (!isFree() && drop(line.expired(now, policy), 'expired'));
      while (!isFree() && drop(line.victim(policy.overflow), 'overflow'));
    }
    if (!isFree()) dropped.push({ report: newcomer, reason: 'overflow' });
    return dropped;
  }

  /** The next reports, at most `limit`, and those that have expired meanwhile. */
  take(limit: number, now: number): { readonly taken: Waiting[]; readonly dropped: Dropped[] } {
    const taken: Waiting[] = [];
    const dropped: Dropped[] = [];
    while (taken.length < limit) {
      const next = this.#next();
      if (!next) break;
      this.#classes[next.class].drop(next);
      if (hasExpired(next.at, now, this.#policies[next.class]))
        dropped.push({ report: next, reason: 'expired' });
      else taken.push(next);
    }
    return { taken, dropped };
  }

  /** When the report was made that has waited longest; undefined when none waits. */
  get oldestAt(): number | undefined {
    const heads = reportClasses.flatMap((kind) => this.#classes[kind].first?.at ?? []);
    return heads.length === 0 ? undefined : Math.min(...heads);
  }

  /** Everything leaves the line, in order of class and age. */
  clear(): Waiting[] {
    return reportClasses.flatMap((kind) => this.#classes[kind].clear());
  }

  #next(): Waiting | undefined {
    const waiting = reportClasses.filter((kind) => this.#classes[kind].first);
    let kind = waiting.find((one) => this.#credits[one] > 0);
    if (!kind) {
      const { status, event, telemetry } = this.#policies;
      this.#credits = { status: status.weight, event: event.weight, telemetry: telemetry.weight };
      [kind] = waiting;
    }
    if (!kind) return undefined;
    this.#credits[kind]--;
    return this.#classes[kind].first;
  }
}

/** The reports of one class that wait, oldest first. */
class ClassLine {
  readonly queue = new Map<Slot, Waiting>();
  /** The newest of each key, and those that have a newer one behind them. */
  readonly #newest = new Map<ObjectKey, Waiting>();
  readonly #outdated = new Set<Waiting>();
  bytes = 0;

  get first(): Waiting | undefined {
    return this.queue.values().next().value;
  }

  bytesWithout(slot: Slot): number {
    return this.bytes - (this.queue.get(slot)?.bytes ?? 0);
  }

  /** The oldest, where it has outlived its time. */
  expired(now: number, policy: ReportPolicy): Waiting | undefined {
    const oldest = this.first;
    return oldest && hasExpired(oldest.at, now, policy) ? oldest : undefined;
  }

  /** What gives way to a newcomer. */
  victim(policy: OverflowPolicy): Waiting | undefined {
    if (policy === 'drop-newest') return undefined;
    const [outdated] = policy === 'keep-latest' ? this.#outdated : [];
    return outdated ?? this.first;
  }

  add(report: Waiting): void {
    const replaced = this.queue.get(report.slot);
    const before = this.#newest.get(report.key);
    if (before && before !== replaced) this.#outdated.add(before);
    this.#newest.set(report.key, report);
    this.queue.set(report.slot, report);
    this.bytes += report.bytes - (replaced?.bytes ?? 0);
  }

  drop(report: Waiting): Waiting {
    this.queue.delete(report.slot);
    this.#outdated.delete(report);
    if (this.#newest.get(report.key) === report) this.#newest.delete(report.key);
    this.bytes -= report.bytes;
    return report;
  }

  clear(): Waiting[] {
    const all = [...this.queue.values()];
    for (const report of all) this.drop(report);
    return all;
  }
}
