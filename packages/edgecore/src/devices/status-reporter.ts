import type { Clock } from '@skerry/shared/clock';
import type { Counter } from '@skerry/shared/metrics';
import type { Requeue } from '@skerry/shared/workqueue';
import type { Reporter } from '../link/reporter.ts';
import { deviceKey, type DeviceId } from './device-id.ts';
import { fingerprintOf, statusOf, type Standing } from './device-status.ts';
import { turn } from './device-twin.ts';
import type { Roster } from './roster.ts';
import type { TwinStore } from './twin-store.ts';

/** At most one report of a device in so many milliseconds, with the newest of everything in it. */
export const reportIntervalMs = 500;
/** How often a device that only repeats itself has its `lastOnlineTime` told, milliseconds. */
export const heartbeatMs = 60_000;
/** A device is never called stale sooner than this, however short its cycle. */
export const shortestSilenceMs = 10_000;

export interface StatusReporterParts {
  readonly twins: TwinStore;
  readonly roster: Roster;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly reports: Counter;
}

/** What was last told of a device. Times are monotonic milliseconds. */
interface Told {
  readonly fingerprint: string;
  readonly lastOnline: number | undefined;
  readonly at: number;
}

const textEncoder = new TextEncoder();

/**
 * Tells the cloud of one device at a time: at once when a quiet device has news, no more often than
 * `reportIntervalMs` when it is busy. Everything is told again after a start, so what a crash kept from
 * being told costs nothing. Also notices silence: beyond twice its cycle a device is stale.
 */
export class StatusReporter {
  readonly #parts: StatusReporterParts;
  readonly #told = new Map<DeviceId, Told>();
  /** The `lastOnline` last seen of a device, and when it was seen to change. */
  readonly #heard = new Map<DeviceId, { readonly lastOnline: number; readonly at: number }>();

  constructor(parts: StatusReporterParts) {
    this.#parts = parts;
  }

  /** One turn for one device; answers when it wants to be asked again. */
  async reconcile(device: DeviceId): Promise<Requeue> {
    const { twins, roster, clock } = this.#parts;
    const served = roster.get(device);
    const twin = twins.get(device);
    if (!served || !twin) {
      this.#told.delete(device);
      this.#heard.delete(device);
      return undefined;
    }
    const standing: Standing = { ...served, twin };
    const patienceMs = this.#patience(device, standing);
    if (patienceMs <= 0) {
      await twins.update(device, (held) => held && turn(held, 'stale', clock.now()));
      return { afterMs: 0 };
    }
    const afterMs = await this.#tell(device, standing);
    const soonest = Math.min(afterMs, patienceMs);
    return Number.isFinite(soonest) ? { afterMs: soonest } : undefined;
  }

  /** Milliseconds until this device counts as silent; Infinity for one that is not online anyway. */
  #patience(device: DeviceId, { twin, description }: Standing): number {
    if (twin.state !== 'online') return Infinity;
    const now = this.#parts.clock.monotonic();
    const lastOnline = twin.lastOnline ?? 0;
    let heard = this.#heard.get(device);
    if (heard?.lastOnline !== lastOnline) {
      heard = { lastOnline, at: now };
      this.#heard.set(device, heard);
    }
    return heard.at + Math.max(2 * description.cycleMs, shortestSilenceMs) - now;
  }

  /** Tells what is due; answers in how many milliseconds to look again, Infinity when no time matters. */
  async #tell(device: DeviceId, standing: Standing): Promise<number> {
    const now = this.#parts.clock.monotonic();
    const waitMs = waitBeforeTelling(this.#told.get(device), standing, now);
    if (waitMs > 0) return waitMs;
    const { uid, lastOnline } = standing.twin;
    const status = statusOf(standing);
    await this.#parts.reporter.report({
      class: 'status',
      key: deviceKey(device),
      payload: textEncoder.encode(JSON.stringify({ uid, status })),
    });
    const told: Told = { fingerprint: fingerprintOf(standing), lastOnline, at: now };
    this.#told.set(device, told);
    this.#parts.reports.inc();
    return waitBeforeTelling(told, standing, now);
  }
}

function waitBeforeTelling(told: Told | undefined, standing: Standing, now: number): number {
  if (!told) return 0;
  if (told.fingerprint !== fingerprintOf(standing)) return told.at + reportIntervalMs - now;
  if (told.lastOnline !== standing.twin.lastOnline) return told.at + heartbeatMs - now;
  return standing.twin.state === 'online' ? heartbeatMs : Infinity;
}
