import type { Uid } from '@skerry/shared/names';
import type { PropertyType } from './property-value.ts';
import {
  declare,
  desire,
  report,
  type Reading,
  type ReportOutcome,
  type Twin,
  type Wishes,
} from './twin.ts';

/** Everything the edge knows of one device. Never changed in place. */
export interface DeviceTwin {
  /** Of the Device object: a recreated Device begins with an empty twin. */
  readonly uid: Uid;
  /** Grows with every change worth telling: a value, a wish, the state. Not with a mere repetition. */
  readonly revision: number;
  readonly properties: Twin;
  /** `online`, `offline`, `stale`, `unknown`, or a word of the device's own. */
  readonly state: string;
  /** When the device was last heard, milliseconds since the Unix epoch; absent: never. */
  readonly lastOnline?: number;
  /** The longest it was silent between two signs of life of late, milliseconds. */
  readonly gapMs?: number;
  /** Why the newest reading of a property was refused, by property; none of those taken since. */
  readonly refusals?: Readonly<Record<string, string>>;
}

/** What the Device object and its model say. */
export interface Described {
  readonly uid: Uid;
  /** Of the properties that the model has; undefined while there is no model: then nothing is forgotten. */
  readonly types: ReadonlyMap<string, PropertyType> | undefined;
  readonly wishes: Wishes;
}

/** The twin as the Device object wants it. Returns `held` itself when it says nothing new. */
export function describe(
  held: DeviceTwin | undefined,
  { uid, types, wishes }: Described,
  now: number,
): DeviceTwin {
  const twin =
    held?.uid === uid ? held : { uid, revision: 0, properties: new Map(), state: 'unknown' };
  const declared = types ? declare(twin.properties, types) : twin.properties;
  const properties = desire(declared, wishes, now);
  return properties === twin.properties ? twin : next(twin, { properties });
}

/** Readings that arrived together. */
export interface Arrival {
  readonly readings: readonly Reading[];
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number;
  /** False for what a broker kept for us: a value, but no sign of life. */
  readonly live: boolean;
  /** What something that watches the device says of it, for example its broker when it is gone. */
  readonly state?: 'online' | 'offline';
  /** What could not be taken, in words. */
  readonly refused?: readonly Refusal[];
}

export interface Refusal {
  readonly property: string;
  readonly why: string;
}

/** Takes readings in, in their order; a live arrival also shows that the device is online. */
export function hear(
  held: DeviceTwin,
  { readings, receivedAt, live, state: said, refused = [] }: Arrival,
): { readonly twin: DeviceTwin; readonly outcomes: readonly ReportOutcome[] } {
  let { properties } = held;
  const outcomes = readings.map((reading) => {
    const { outcome, twin } = report(properties, reading, receivedAt);
    properties = twin;
    return outcome;
  });
  const isAlive = live && said !== 'offline';
  const heard = { ...held, properties, ...(isAlive && seenAlive(held, receivedAt)) };
  const state = said ?? (live ? 'online' : held.state);
  const refusals = refusalsAfter(held.refusals, readings, refused);
  const news = outcomes.includes('changed') || state !== held.state || refusals !== held.refusals;
  return { twin: news ? next(heard, { state, ...(refusals && { refusals }) }) : heard, outcomes };
}

/** `held` itself when nothing has changed. */
function refusalsAfter(
  held: DeviceTwin['refusals'],
  readings: readonly Reading[],
  refused: readonly Refusal[],
): DeviceTwin['refusals'] {
  const mended = held && readings.some(({ property }) => held[property] !== undefined);
  const isNews = refused.some(({ property, why }) => held?.[property] !== why);
  if (!mended && !isNews) return held;
  const taken = new Set(readings.map(({ property }) => property));
  const kept = Object.entries(held ?? {}).filter(([property]) => !taken.has(property));
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(refused.map(({ property, why }) => [property, why])),
  };
}

/** A silence long past counts less with every sign of life since: after about 180, half. */
const gapDecay = 255 / 256;

function seenAlive(
  { lastOnline, gapMs = 0 }: DeviceTwin,
  now: number,
): { readonly lastOnline: number; readonly gapMs: number } {
  const gap = lastOnline === undefined ? 0 : now - lastOnline;
  return { lastOnline: now, gapMs: Math.max(gap, Math.floor(gapMs * gapDecay)) };
}

/** The device, or something that watches it, says what state it is in. */
export function turn(held: DeviceTwin, state: string, now: number): DeviceTwin {
  const heard = state === 'online' ? { ...held, lastOnline: now } : held;
  return state === held.state ? heard : next(heard, { state });
}

/** The same twin with other properties, which are news. */
export function withProperties(held: DeviceTwin, properties: Twin): DeviceTwin {
  return properties === held.properties ? held : next(held, { properties });
}

function next(held: DeviceTwin, change: Partial<DeviceTwin>): DeviceTwin {
  return { ...held, ...change, revision: held.revision + 1 };
}
