import type { PastReading } from '@skerry/edgecore/devices/history';

/** Which readings: milliseconds since the epoch, and the newest so many. */
export interface HistoryWish {
  readonly property: string;
  readonly since: number;
  readonly limit: number;
}

/** Oldest first, and whether older ones were left out. */
export interface History {
  readonly readings: readonly PastReading[];
  readonly more: boolean;
}
