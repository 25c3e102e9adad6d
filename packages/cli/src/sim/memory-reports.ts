import type { QueuedReport } from '@skerry/edgecore/link/report-entry';
import type { ReportSource } from '@skerry/edgecore/link/report-pump';
import { Bell } from '@skerry/shared/bell';
import type { Clock } from '@skerry/shared/clock';
import type { ObjectKey } from '@skerry/shared/names';

export interface MemoryReportsParts {
  readonly clock: Clock;
  /** Told what became of a report, and how many milliseconds after it was made. */
  readonly settled: (outcome: 'accepted' | 'refused', ms: number) => void;
}

interface Waiting {
  readonly report: QueuedReport;
  /** Monotonic milliseconds. */
  readonly since: number;
}

/** Status reports of a simulated node, the newest per key, in memory until the hub has answered. */
export class MemoryReports implements ReportSource {
  readonly #parts: MemoryReportsParts;
  readonly #waiting = new Map<ObjectKey, Waiting>();
  readonly #inflight = new Map<number, Waiting>();
  readonly #arrived = new Bell();
  #nextId = 1;

  constructor(parts: MemoryReportsParts) {
    this.#parts = parts;
  }

  get idle(): boolean {
    return this.#waiting.size === 0;
  }

  report(key: ObjectKey, status: object): void {
    const { clock } = this.#parts;
    const payload = Buffer.from(JSON.stringify(status));
    const report = { id: this.#nextId++, class: 'status', key, payload, at: clock.now() } as const;
    this.#waiting.set(key, { report, since: clock.monotonic() });
    this.#arrived.ring();
  }

  arrival(signal: AbortSignal): Promise<void> {
    return this.#arrived.wait(signal);
  }

  take(limit: number): Promise<QueuedReport[]> {
    const taken: QueuedReport[] = [];
    for (const [key, waiting] of this.#waiting) {
      if (taken.length >= limit) break;
      this.#waiting.delete(key);
      this.#inflight.set(waiting.report.id, waiting);
      taken.push(waiting.report);
    }
    return Promise.resolve(taken);
  }

  settle(id: number, refusal?: string): Promise<void> {
    const settled = this.#inflight.get(id);
    this.#inflight.delete(id);
    if (settled)
      this.#parts.settled(
        refusal === undefined ? 'accepted' : 'refused',
        this.#parts.clock.monotonic() - settled.since,
      );
    return Promise.resolve();
  }

  /** The link was lost: what is not settled is sent again, unless there is a newer one by now. */
  rewind(): void {
    for (const waiting of this.#inflight.values())
      if (!this.#waiting.has(waiting.report.key)) this.#waiting.set(waiting.report.key, waiting);
    this.#inflight.clear();
  }
}
