import type { Clock } from '@skerry/shared/clock';
import type { Counter } from '@skerry/shared/metrics';
import type { Requeue } from '@skerry/shared/workqueue';
import type { Reporter } from '../link/reporter.ts';
import type { Condition } from './condition.ts';
import { deviceKey, type DeviceId } from './device-id.ts';
import {
  conditionsOf,
  fingerprintOf,
  reportOf,
  stateOf,
  type DeviceReport,
  type Standing,
} from './device-status.ts';
import { turn, type DeviceTwin } from './device-twin.ts';
import type { Roster, Served } from './roster.ts';
import { heardAt, patienceMs, type Heard } from './silence.ts';
import { tell, type Told } from './telling.ts';
import type { TwinStore } from './twin-store.ts';

/** At most one report of a device in so many milliseconds, with the newest of everything in it. */
export const reportIntervalMs = 500;
/** How often a device that only repeats itself has its `lastOnlineTime` told, milliseconds. */
export const heartbeatMs = 60_000;

export interface StatusReporterParts {
  readonly twins: TwinStore;
  readonly roster: Roster;
  readonly reporter: Reporter;
  /** Why desired values of a device are not reached, in words. */
  readonly unmet: (device: DeviceId) => readonly string[];
  readonly clock: Clock;
  readonly reports: Counter;
}

/** What was last told of a device. */
interface Tale {
  readonly twin: DeviceTwin;
  readonly fingerprint: string;
  readonly lastOnline: number | undefined;
  readonly state: string;
  /** What the cloud showed for a state when this was told. */
  readonly contradicted: string | undefined;
  readonly conditions: readonly Condition[];
  readonly shown: ReadonlyMap<string, Told>;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/** What there is to tell now, and when that will change by itself. */
interface Draft {
  readonly report: DeviceReport;
  readonly tale: Tale;
  readonly afterMs: number;
}

const textEncoder = new TextEncoder();

/**
 * Tells the cloud of one device at a time: at once when a quiet device has news, no more often than
 * `reportIntervalMs` when it is busy. Everything is told again after a start, so what a crash kept from
 * being told costs nothing. Also notices silence: beyond its patience a device is stale.
 */
export class StatusReporter {
  readonly #parts: StatusReporterParts;
  readonly #told = new Map<DeviceId, Tale>();
  readonly #heard = new Map<DeviceId, Heard>();

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
    const leftMs = this.#patience(device, served, twin);
    if (leftMs <= 0) {
      await twins.update(device, (held) => held && turn(held, 'stale', clock.now()));
      return { afterMs: 0 };
    }
    const afterMs = Math.min(await this.#tell(device, served, twin), leftMs);
    return Number.isFinite(afterMs) ? { afterMs } : undefined;
  }

  /** Milliseconds until this device counts as silent; Infinity for one that is not online anyway. */
  #patience(device: DeviceId, { description }: Served, twin: DeviceTwin): number {
    if (twin.state !== 'online') return Infinity;
    const { clock } = this.#parts;
    const clocks = { now: clock.now(), monotonic: clock.monotonic() };
    const heard = heardAt(this.#heard.get(device), twin.lastOnline ?? 0, clocks);
    this.#heard.set(device, heard);
    return heard.at + patienceMs(twin, description.cycleMs) - clocks.monotonic;
  }

  /** Tells what is due; answers in how many milliseconds to look again, Infinity when no time matters. */
  async #tell(device: DeviceId, served: Served, twin: DeviceTwin): Promise<number> {
    const now = this.#parts.clock.monotonic();
    const told = this.#told.get(device);
    const restMs = told ? told.at + reportIntervalMs - now : 0;
    if (told && told.twin !== twin && restMs > 0) return restMs; // a busy device is not looked at twice
    const { report, tale, afterMs } = this.#draft(device, served, twin, now);
    const waitMs = waitBeforeTelling(told, tale, now);
    if (waitMs > 0) return Math.min(waitMs, afterMs);
    await this.#parts.reporter.report({
      class: 'status',
      key: deviceKey(device),
      payload: textEncoder.encode(JSON.stringify(report)),
    });
    this.#told.set(device, tale);
    this.#parts.reports.inc();
    return Math.min(waitBeforeTelling(tale, tale, now), afterMs);
  }

  #draft(device: DeviceId, served: Served, twin: DeviceTwin, now: number): Draft {
    const { unmet, clock } = this.#parts;
    const told = this.#told.get(device);
    const { shown, afterMs } = shownOf(served, twin, told, now);
    const standing: Standing = { ...served, twin, shown, unmet: unmet(device) };
    const earlier = told?.conditions.map((each) => ({ ...each })) ?? served.seen.conditions;
    const conditions = conditionsOf(standing, earlier, clock.now());
    const report = reportOf(standing, conditions);
    const tale: Tale = {
      twin,
      fingerprint: fingerprintOf(report),
      lastOnline: twin.lastOnline,
      state: stateOf(twin, served.condition),
      contradicted: served.seen.state,
      conditions,
      shown,
      at: now,
    };
    return { report, tale, afterMs };
  }
}

function shownOf(
  { description }: Served,
  twin: DeviceTwin,
  told: Tale | undefined,
  now: number,
): { readonly shown: ReadonlyMap<string, Told>; readonly afterMs: number } {
  const shown = new Map<string, Told>();
  let soonest = Infinity;
  const rules = new Map(description.properties.map(({ name, telling }) => [name, telling]));
  for (const [name, { type, reported }] of twin.properties) {
    const rule = rules.get(name) ?? { ...untold, type };
    const telling = tell(rule, reported, told?.shown.get(name), now);
    if (telling.told) shown.set(name, telling.told);
    soonest = Math.min(soonest, telling.afterMs);
  }
  return { shown, afterMs: soonest };
}

/** A property that the Device does not name, reported by a program. */
const untold = { reportToCloud: true, reportCycleMs: 0, deadband: 0, heartbeatMs: undefined };

function waitBeforeTelling(told: Tale | undefined, next: Tale, now: number): number {
  if (!told) return 0;
  if (told.fingerprint !== next.fingerprint || isContradicted(told, next) || beats(told, next))
    return told.at + reportIntervalMs - now;
  if (told.lastOnline !== next.lastOnline) return told.at + heartbeatMs - now;
  return next.twin.state === 'online' ? heartbeatMs : Infinity;
}

/** The hub marks the devices of a node that is silent; a node that lives says otherwise. */
function isContradicted(told: Tale, { contradicted, state }: Tale): boolean {
  return contradicted !== undefined && contradicted !== told.contradicted && contradicted !== state;
}

/** A property whose value has not changed is due all the same. */
function beats(told: Tale, { shown }: Tale): boolean {
  return [...shown].some(([name, { at }]) => told.shown.get(name)?.at !== at);
}
