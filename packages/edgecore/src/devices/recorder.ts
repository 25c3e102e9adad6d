import type { DeviceId } from './device-id.ts';
import type { Arrival } from './device-twin.ts';
import type { ReportOutcome } from './twin.ts';

/** Keeps what was said beside the twin; resolves when that is on disk. Rejects when the disk refuses. */
export type Recorder = (
  device: DeviceId,
  arrival: Arrival,
  outcomes: readonly ReportOutcome[],
) => Promise<void>;

/** A reading that is worth keeping. */
export interface KeptReading {
  readonly property: string;
  readonly value: string;
  /** By the device's clock, or of its arrival: milliseconds since the Unix epoch. */
  readonly timestamp: number;
}

/** A value that does not change is kept once in so many milliseconds. */
export const repetitionMs = 60_000;

/** Decides which readings are kept: every change, late ones too, and now and then what only repeats. */
export class Selection {
  readonly #kept = new Map<string, number>();

  select(
    device: DeviceId,
    { readings, receivedAt }: Arrival,
    outcomes: readonly ReportOutcome[],
  ): KeptReading[] {
    return readings.flatMap(({ property, value, sourceTime }, at) => {
      const series = `${device} ${property}`;
      const sinceMs = receivedAt - (this.#kept.get(series) ?? -Infinity);
      if (outcomes[at] === undefined) return []; // there is no such device any more
      if (outcomes[at] === 'unchanged' && sinceMs < repetitionMs) return [];
      this.#kept.set(series, receivedAt);
      const isTime = sourceTime !== undefined && sourceTime >= 0;
      return [{ property, value, timestamp: isTime ? sourceTime : receivedAt }];
    });
  }
}
