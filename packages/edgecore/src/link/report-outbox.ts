import type { Report, ReportClass } from '@skerry/shared/delivery/report';
import { reportClasses } from '@skerry/shared/delivery/report';
import { InvariantViolation } from '@skerry/shared/errors';
import type { ObjectKey } from '@skerry/shared/names';
import type { Store, Table, Write } from '@skerry/shared/store';
import type { Reporter } from './reporter.ts';

/** Bytes of payload kept per class while they cannot be delivered; the oldest are dropped beyond it. */
export const quotaBytes: Readonly<Record<ReportClass, number>> = {
  status: 64 * 1024 * 1024,
  event: 4 * 1024 * 1024,
  telemetry: 64 * 1024 * 1024,
};

/** A report on its way. */
export interface QueuedReport extends Report {
  readonly id: number;
}

/** Where a report is kept: one slot per key for a status, one per report otherwise. */
type Slot = string;

/** What a waiting report needs to be counted and found; its payload stays on disk. */
interface Waiting {
  readonly id: number;
  readonly slot: Slot;
  readonly class: ReportClass;
  readonly bytes: number;
}

/**
 * Reports on their way to the API server, on disk until it has accepted them (G4).
 *
 * `status` keeps the newest report per key, in the place of the one it replaces, so that a busy key
 * neither jumps the line nor starves. `event` and `telemetry` keep every report in order, up to a quota
 * of bytes; beyond it the oldest are dropped and counted. Memory holds an index, not the payloads.
 */
export class ReportOutbox implements Reporter {
  readonly #store: Store;
  readonly #table: Table;
  /** Not yet handed to the link, in order. */
  readonly #queue = new Map<Slot, Waiting>();
  /** Handed to the link and not settled, in order. */
  readonly #inflight = new Map<number, Waiting>();
  /** The newest report of each slot, on disk or on its way there. */
  readonly #newest = new Map<Slot, number>();
  readonly #bytes: Record<ReportClass, number> = { status: 0, event: 0, telemetry: 0 };
  readonly #dropped: (dropped: ReportClass) => void;
  #nextId = 1;
  #announce: (() => void) | undefined;

  private constructor(store: Store, dropped: (dropped: ReportClass) => void) {
    this.#store = store;
    this.#table = store.table('reports');
    this.#dropped = dropped;
  }

  /** `dropped` is told the class of every report that the quota pushed out. */
  static async open(store: Store, dropped: (dropped: ReportClass) => void): Promise<ReportOutbox> {
    const waiting: Waiting[] = [];
    for await (const [slot, entry] of store.table('reports').entries()) {
      const { id, class: kind, payload } = fromEntry(entry);
      waiting.push({ id, slot, class: kind, bytes: payload.length });
    }
    const outbox = new ReportOutbox(store, dropped);
    for (const report of waiting.toSorted((a, b) => a.id - b.id)) {
      outbox.#newest.set(report.slot, report.id);
      outbox.#enqueue(report);
    }
    return outbox;
  }

  /** Reports not yet accepted. */
  get size(): number {
    return this.#queue.size + this.#inflight.size;
  }

  bytesOf(kind: ReportClass): number {
    return this.#bytes[kind];
  }

  async report(report: Report): Promise<void> {
    const id = this.#nextId++;
    const slot =
      report.class === 'status' ? `status/${report.key}` : `line/${String(id).padStart(16, '0')}`;
    const before = this.#newest.get(slot);
    this.#newest.set(slot, id); // from here on, settling an older report leaves the slot alone
    try {
      await this.#store.commit([this.#table.put(slot, toEntry(id, report))]);
    } catch (error) {
      if (this.#newest.get(slot) === id) this.#restore(slot, before);
      throw error;
    }
    this.#enqueue({ id, slot, class: report.class, bytes: report.payload.length });
    this.#announce?.();
    await this.#store.commit(this.#enforceQuota(report.class));
  }

  /** Hands out the next reports, at most `limit`, in order. */
  async take(limit: number): Promise<QueuedReport[]> {
    const taken = [...this.#queue.values().take(limit)];
    for (const report of taken) {
      this.#queue.delete(report.slot);
      this.#inflight.set(report.id, report);
    }
    const entries = await this.#table.getMany(taken.map(({ slot }) => slot));
    return entries.flatMap((entry, i) => this.#loaded(taken[i], entry));
  }

  /** The report was accepted, or refused for good. An id not handed out is ignored. */
  async settle(id: number): Promise<void> {
    const report = this.#inflight.get(id);
    if (!report) return;
    this.#inflight.delete(id);
    this.#bytes[report.class] -= report.bytes;
    if (this.#newest.get(report.slot) !== id) return;
    this.#newest.delete(report.slot);
    await this.#store.commit([this.#table.del(report.slot)]);
  }

  /** The link was lost: what was handed out and not settled is next again, unless replaced meanwhile. */
  rewind(): void {
    const queued = [...this.#queue.values()];
    const unsettled = [...this.#inflight.values()];
    this.#queue.clear();
    this.#inflight.clear();
    for (const report of [...unsettled, ...queued]) {
      this.#bytes[report.class] -= report.bytes;
      if (this.#newest.get(report.slot) === report.id) this.#enqueue(report);
    }
  }

  /** Resolves when a report arrives after this call; rejects when the signal aborts. */
  arrival(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#announce = () => {
        signal.removeEventListener('abort', onAbort);
        this.#announce = undefined;
        resolve();
      };
    });
  }

  get idle(): boolean {
    return this.#queue.size === 0;
  }

  #restore(slot: Slot, id: number | undefined): void {
    if (id === undefined) this.#newest.delete(slot);
    else this.#newest.set(slot, id);
  }

  /** A slot taken already keeps its place in line and gets the newer report. */
  #enqueue(report: Waiting): void {
    const replaced = this.#queue.get(report.slot);
    if (replaced) this.#bytes[replaced.class] -= replaced.bytes;
    this.#queue.set(report.slot, report);
    this.#bytes[report.class] += report.bytes;
    this.#nextId = Math.max(this.#nextId, report.id + 1);
  }

  /** The slot may hold a newer report by now, which is about to be queued itself: this one is given up. */
  #loaded(taken: Waiting | undefined, entry: Uint8Array | undefined): QueuedReport[] {
    if (!taken) return [];
    if (entry) {
      const stored = fromEntry(entry);
      if (stored.id === taken.id) return [stored];
    }
    this.#inflight.delete(taken.id);
    this.#bytes[taken.class] -= taken.bytes;
    return [];
  }

  #enforceQuota(kind: ReportClass): Write[] {
    const writes: Write[] = [];
    for (const report of this.#queue.values()) {
      if (this.#bytes[kind] <= quotaBytes[kind]) break;
      if (report.class !== kind) continue;
      this.#queue.delete(report.slot);
      this.#newest.delete(report.slot);
      this.#bytes[kind] -= report.bytes;
      writes.push(this.#table.del(report.slot));
      this.#dropped(kind);
    }
    return writes;
  }
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

/** `<id> <class> <key>\n<payload>` */
function toEntry(id: number, { class: kind, key, payload }: Report): Uint8Array {
  const head = textEncoder.encode(`${id} ${kind} ${key}\n`);
  const entry = new Uint8Array(head.length + payload.length);
  entry.set(head);
  entry.set(payload, head.length);
  return entry;
}

function fromEntry(entry: Uint8Array): QueuedReport {
  const end = entry.indexOf(0x0a);
  const [id, kind, key] = textDecoder.decode(entry.subarray(0, end)).split(' ');
  const known = reportClasses.find((one) => one === kind);
  if (!known || !key) throw new InvariantViolation('a stored report has no class or key');
  return { id: Number(id), class: known, key: key as ObjectKey, payload: entry.subarray(end + 1) };
}
