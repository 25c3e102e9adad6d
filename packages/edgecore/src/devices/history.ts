import { Bell } from '@skerry/shared/bell';
import type { Clock } from '@skerry/shared/clock';
import { isAbort } from '@skerry/shared/errors';
import type { Store, Table, Write } from '@skerry/shared/store';
import type { DeviceId } from './device-id.ts';
import type { KeptReading } from './recorder.ts';

/** What is kept of the past. */
export interface HistoryPolicy {
  /** On disk, keys and values. */
  readonly quotaBytes: number;
  readonly maxAgeSeconds: number;
}

export const defaultHistoryPolicy: HistoryPolicy = {
  quotaBytes: 16 * 1024 * 1024,
  maxAgeSeconds: 7 * 24 * 3_600,
};

/** A value that a property had, and when. */
export type PastReading = Omit<KeptReading, 'property'>;

export interface HistoryQuery {
  readonly property: string;
  /** Milliseconds since the Unix epoch, both included. */
  readonly since: number;
  readonly until: number;
  /** The newest so many. */
  readonly limit: number;
}

export interface HistoryParts {
  readonly store: Store;
  readonly policy: HistoryPolicy;
  readonly clock: Clock;
}

/** Between two sweeps, unless much is written, milliseconds. */
const sweepEveryMs = 60_000;
/** Bytes that are written between two sweeps at most. */
const sweepAfterBytes = 256 * 1024;
const hourMs = 3_600_000;
const deletedAtOnce = 1_000;

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

/**
 * What the devices of this node said, on its disk, each in the place of its own time. Bounded by bytes and age; the oldest goes first, by the hour.
 *
 * A key is `<hour> <device> <property> <time>.<n>`, so that an hour lies together and its end is cheap.
 */
export class History {
  readonly #parts: HistoryParts;
  readonly #table: Table;
  readonly #grown = new Bell();
  #bytes = 0;
  #unswept = 0;
  #count = 0;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
    this.#table = parts.store.table('history');
  }

  /** Bytes of keys and values, once `run` has counted them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves when the readings are on disk; rejects with StoreWriteFailed. */
  async append(device: DeviceId, readings: readonly KeptReading[]): Promise<void> {
    const writes = readings.map(({ property, value, timestamp }) => {
      this.#count = (this.#count + 1) % 1_000;
      const series = `${hourOf(timestamp)} ${device} ${property}`;
      const key = `${series} ${digits(timestamp)}.${digits(this.#count, 3)}`;
      return this.#table.put(key, textEncoder.encode(value));
    });
    if (writes.length === 0) return;
    await this.#parts.store.commit(writes);
    const bytes = writes.reduce((sum, write) => sum + sizeOf(write.key, write.value), 0);
    this.#bytes += bytes;
    this.#unswept += bytes;
    if (this.#unswept >= sweepAfterBytes) this.#grown.ring();
  }

  /** The values of a property, oldest first. */
  async read(device: DeviceId, query: HistoryQuery): Promise<PastReading[]> {
    const { property, since, until, limit } = query;
    const found: PastReading[] = [];
    for (const hour of await this.#hours(since, until)) {
      if (found.length >= limit) break;
      const series = `${hour} ${device} ${property} `;
      const range = { gte: `${series}${digits(since)}`, lt: `${series}${digits(until + 1)}` };
      const newest = { ...range, reverse: true, limit: limit - found.length };
      for await (const [key, value] of this.#table.entries(newest))
        found.push({ timestamp: timeOf(key), value: textDecoder.decode(value) });
    }
    return found.reverse();
  }

  /** Keeps to the quota and the age until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const before = this.#bytes;
    let counted = 0;
    for await (const [key, value] of this.#table.entries()) counted += sizeOf(key, value);
    this.#bytes += counted - before;
    while (!signal.aborted) {
      await this.#sweep();
      const woken = new AbortController();
      const either = AbortSignal.any([signal, woken.signal]);
      const pause = [clock.sleep(sweepEveryMs, either), this.#grown.wait(either)];
      await Promise.race(pause).catch((error: unknown) => {
        if (!isAbort(error, signal)) throw error;
      });
      woken.abort();
      await Promise.allSettled(pause);
    }
  }

  async #sweep(): Promise<void> {
    const { store, policy, clock } = this.#parts;
    this.#unswept = 0;
    const oldest = hourOf(clock.now() - policy.maxAgeSeconds * 1_000);
    for (;;) {
      const doomed: Write[] = [];
      let freed = 0;
      for await (const [key, value] of this.#table.entries({ limit: deletedAtOnce })) {
        if (key >= oldest && this.#bytes - freed <= policy.quotaBytes) break;
        doomed.push(this.#table.del(key));
        freed += sizeOf(key, value);
      }
      if (doomed.length === 0) return;
      await store.commit(doomed);
      this.#bytes -= freed;
    }
  }

  /** The hours that anything is known of, newest first. */
  async #hours(since: number, until: number): Promise<string[]> {
    const hours: string[] = [];
    const last = `${hourOf(until)}~`;
    for (let lt = last; ;) {
      const range = { gte: hourOf(since), lt, reverse: true, limit: 1 };
      let hour: string | undefined;
      for await (const key of this.#table.keys(range)) hour = key.slice(0, hourOf(0).length);
      if (hour === undefined) return hours;
      hours.push(hour);
      lt = hour;
    }
  }
}

function hourOf(time: number): string {
  return digits(Math.floor(Math.max(0, time) / hourMs), 9);
}

function digits(count: number, places = 16): string {
  return String(Math.max(0, Math.floor(count))).padStart(places, '0');
}

function timeOf(key: string): number {
  return Number(key.slice(key.lastIndexOf(' ') + 1, key.lastIndexOf('.')));
}

function sizeOf(key: string, value: Uint8Array | undefined): number {
  return key.length + (value?.length ?? 0);
}
