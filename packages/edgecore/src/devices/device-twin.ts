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
}

/** What the Device object and its model say. */
export interface Described {
  readonly uid: Uid;
  readonly types: ReadonlyMap<string, PropertyType>;
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
  const properties = desire(declare(twin.properties, types), wishes, now);
  return properties === twin.properties ? twin : next(twin, { properties });
}

/** Readings that arrived together. */
export interface Arrival {
  readonly readings: readonly Reading[];
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number;
  /** False for what a broker kept for us: a value, but no sign of life. */
  readonly live: boolean;
}

/** Takes readings in, in their order; a live arrival also shows that the device is online. */
export function hear(
  held: DeviceTwin,
  { readings, receivedAt, live }: Arrival,
): { readonly twin: DeviceTwin; readonly outcomes: readonly ReportOutcome[] } {
  let { properties } = held;
  const outcomes = readings.map((reading) => {
    const { outcome, twin } = report(properties, reading, receivedAt);
    properties = twin;
    return outcome;
  });
  const heard = live ? { ...held, properties, lastOnline: receivedAt } : { ...held, properties };
  const state = live ? 'online' : held.state;
  const news = outcomes.includes('changed') || state !== held.state;
  return { twin: news ? next(heard, { state }) : heard, outcomes };
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
