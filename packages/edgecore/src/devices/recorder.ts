import type { DeviceId } from './device-id.ts';
import type { Arrival } from './device-twin.ts';
import { clockAheadMs, type ReportOutcome } from './twin.ts';

/** Keeps what was said beside the twin; resolves when that is on disk. Rejects when the disk refuses. */
export type Recorder = (
  device: DeviceId,
  arrival: Arrival,
  outcomes: readonly ReportOutcome[],
) => Promise<unknown>;

/** A reading that is worth keeping. */
export interface KeptReading {
  readonly property: string;
  readonly value: string;
  /** By the device's clock, or of its arrival: milliseconds since the Unix epoch. */
  readonly timestamp: number;
}

/** A value that does not change is kept once in so many milliseconds. */
export const repetitionMs = 60_000;

/** A clock so far behind was never set, milliseconds: five years. */
const unsetClockMs = 5 * 365 * 24 * 3_600_000;

/** Decides which readings are kept: every change, late ones too, and now and then what only repeats. */
export class Selection {
  /** When a value of a property was last kept, by device. */
  readonly #kept = new Map<DeviceId, Map<string, number>>();

  select(
    device: DeviceId,
    { readings, receivedAt }: Arrival,
    outcomes: readonly ReportOutcome[],
  ): readonly KeptReading[] {
    const times = this.#kept.get(device) ?? new Map<string, number>();
    this.#kept.set(device, times);
    const selected: KeptReading[] = [];
    for (const [at, { property, value, sourceTime }] of readings.entries()) {
      if (outcomes[at] === undefined) continue; // there is no such device any more
      const sinceMs = receivedAt - (times.get(property) ?? -Infinity);
      if (outcomes[at] === 'unchanged' && sinceMs < repetitionMs) continue;
      times.set(property, receivedAt);
      selected.push({ property, value, timestamp: timeOf(sourceTime, receivedAt) });
    }
    return selected;
  }
}

/** A device whose clock was never set, or is ahead, is believed to speak of the moment it is heard. */
function timeOf(sourceTime: number | undefined, receivedAt: number): number {
  if (sourceTime === undefined || sourceTime < 0) return receivedAt;
  const behindMs = receivedAt - sourceTime;
  return behindMs > unsetClockMs || behindMs < -clockAheadMs ? receivedAt : sourceTime;
}
