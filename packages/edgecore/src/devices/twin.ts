import { sameValue, type PropertyType } from './property-value.ts';

/** How often each side has changed a value. Only the device's edge changes what is reported. */
export interface SideVersions {
  /** `metadata.generation` of the Device that said so. */
  readonly cloud: number;
  /** Changes made at the edge, counted from 1. */
  readonly edge: number;
}

/** A value that somebody stated, and when. Times are milliseconds since the Unix epoch. */
export interface Stated {
  readonly value: string;
  /** By the speaker's own clock; absent when it gave no time. */
  readonly sourceTime?: number;
  readonly receivedAt: number;
  readonly version: SideVersions;
}

/** Desired beside reported. */
export interface PropertyTwin {
  readonly type: PropertyType;
  readonly desired?: Stated;
  readonly reported?: Stated;
}

/** What is known of a device's properties, by name. */
export type Twin = ReadonlyMap<string, PropertyTwin>;

/** One observation of one property. */
export interface Reading {
  readonly property: string;
  readonly value: string;
  /** By the device's own clock, milliseconds since the Unix epoch; absent when it gave none. */
  readonly sourceTime?: number;
}

/** `late`: something newer is held already, so the reading changed nothing. */
export type ReportOutcome = 'changed' | 'unchanged' | 'late';

/**
 * How far a device's clock may be ahead of ours before its times stop counting as evidence. Without
 * this bound, one reading from the year 2099 would silence its property for good.
 */
export const clockAheadMs: number = 5 * 60_000;

/**
 * Takes a reading in. The newest source time wins: a late reading never replaces a newer one, in
 * whatever order they arrive. At equal times, and when the device gives no time, the later arrival
 * wins, since a broker keeps the order of one publisher.
 */
export function report(
  twin: Twin,
  reading: Reading,
  receivedAt: number,
): { readonly outcome: ReportOutcome; readonly twin: Twin } {
  const held = twin.get(reading.property) ?? { type: 'STRING' };
  if (held.reported && isLate(reading, held.reported)) return { outcome: 'late', twin };
  const changed = !held.reported || !sameValue(held.type, reading.value, held.reported.value);
  const edge = (held.reported?.version.edge ?? 0) + (changed ? 1 : 0);
  const reported: Stated = {
    value: reading.value,
    ...(reading.sourceTime !== undefined && { sourceTime: reading.sourceTime }),
    receivedAt,
    version: { cloud: 0, edge },
  };
  return {
    outcome: changed ? 'changed' : 'unchanged',
    twin: withProperty(twin, reading.property, { ...held, reported }),
  };
}

function isLate({ sourceTime }: Reading, held: Stated): boolean {
  if (sourceTime === undefined || held.sourceTime === undefined) return false;
  const plausible = held.sourceTime <= held.receivedAt + clockAheadMs;
  return plausible && sourceTime < held.sourceTime;
}

/** What the cloud wishes a property to be. */
export interface Wish {
  readonly value: string;
  readonly sourceTime?: number;
}

/** All wishes of one Device, as of its `metadata.generation`. */
export interface Wishes {
  readonly generation: number;
  readonly values: ReadonlyMap<string, Wish>;
}

/**
 * Makes the desired sides those of the Device's spec: new and changed wishes replace, withdrawn ones
 * go. A wish that has not changed keeps its version and its times. Wishes older than what is held are
 * ignored. Returns `twin` itself when nothing changed.
 */
export function desire(twin: Twin, { generation, values }: Wishes, receivedAt: number): Twin {
  let next = withdraw(twin, { generation, values });
  for (const [property, wish] of values) {
    const held = next.get(property) ?? { type: 'STRING' };
    if (held.desired && !replaces(wish, generation, held.desired)) continue;
    const edge = held.desired?.version.edge ?? 0;
    const desired: Stated = { ...wish, receivedAt, version: { cloud: generation, edge } };
    next = withProperty(next, property, { ...held, desired });
  }
  return next;
}

function withdraw(twin: Twin, { generation, values }: Wishes): Twin {
  let next = twin;
  for (const [property, { desired, ...rest }] of twin)
    if (desired && !values.has(property) && generation >= desired.version.cloud)
      next = withProperty(next, property, rest);
  return next;
}

function replaces(wish: Wish, generation: number, held: Stated): boolean {
  return wish.value !== held.value && generation >= held.version.cloud;
}

/** Gives properties the types their model declares. Returns `twin` itself when nothing changed. */
export function declare(twin: Twin, types: ReadonlyMap<string, PropertyType>): Twin {
  let next = twin;
  for (const [property, held] of twin) {
    const type = types.get(property) ?? 'STRING';
    if (type !== held.type) next = withProperty(next, property, { ...held, type });
  }
  for (const [property, type] of types)
    if (!next.has(property)) next = withProperty(next, property, { type });
  return next;
}

/** Forgets what was reported of a property. Returns `twin` itself when nothing was. */
export function forget(twin: Twin, property: string): Twin {
  const held = twin.get(property);
  if (!held?.reported) return twin;
  const { reported: _forgotten, ...rest } = held;
  return withProperty(twin, property, rest);
}

/** The unmet part: properties whose desired value is not what is reported, with the desired value. */
export function delta(twin: Twin): ReadonlyMap<string, string> {
  const unmet = new Map<string, string>();
  for (const [property, { type, desired, reported }] of twin) {
    if (!desired) continue;
    if (!reported || !sameValue(type, desired.value, reported.value))
      unmet.set(property, desired.value);
  }
  return unmet;
}

/** One property before and after a change. */
export interface PropertyStep {
  readonly last: PropertyTwin | undefined;
  readonly current: PropertyTwin | undefined;
}

/** What changed from one twin to the next: values stated anew or withdrawn, on either side. */
export function document(before: Twin, after: Twin): ReadonlyMap<string, PropertyStep> {
  const steps = new Map<string, PropertyStep>();
  for (const property of new Set([...before.keys(), ...after.keys()])) {
    const last = before.get(property);
    const current = after.get(property);
    if (
      !sameVersions(last?.desired, current?.desired) ||
      !sameVersions(last?.reported, current?.reported)
    )
      steps.set(property, { last, current });
  }
  return steps;
}

function sameVersions(a: Stated | undefined, b: Stated | undefined): boolean {
  return a === b || (a?.version.cloud === b?.version.cloud && a?.version.edge === b?.version.edge);
}

function withProperty(twin: Twin, property: string, held: PropertyTwin): Twin {
  return new Map(twin).set(property, held);
}
