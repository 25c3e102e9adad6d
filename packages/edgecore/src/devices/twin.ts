import type { EdgeWish, SettledWishes } from '@skerry/shared/devices/wish';
import { misfit, sameValue, type PropertyType } from './property-value.ts';

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
  /** The newest believable source time before it, where its own is ahead of our clock. */
  readonly evidence?: number;
  readonly version: SideVersions;
}

/** Desired beside reported. */
export interface PropertyTwin {
  readonly type: PropertyType;
  /** The Device and its model have it; otherwise programs do. */
  readonly declared?: true;
  readonly desired?: Stated;
  readonly reported?: Stated;
  /** The desired value was written here, and the hub has not decided about it yet. */
  readonly pending?: Pending;
  /** The highest version of desired values written here that anybody knows of. */
  readonly wished?: number;
}

export interface Pending {
  /** What the Device's spec said then; null: nothing. */
  readonly over: string | null;
  readonly version: number;
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
  if (held.reported && isLate(reading, held.reported, receivedAt)) return { outcome: 'late', twin };
  const changed = !held.reported || !sameValue(held.type, reading.value, held.reported.value);
  const edge = (held.reported?.version.edge ?? 0) + (changed ? 1 : 0);
  const reported = stated(reading, receivedAt, { held: held.reported, edge });
  return {
    outcome: changed ? 'changed' : 'unchanged',
    twin: withProperty(twin, reading.property, { ...held, reported }),
  };
}

function stated(
  { value, sourceTime }: Reading,
  receivedAt: number,
  { held, edge }: { readonly held: Stated | undefined; readonly edge: number },
): Stated {
  const said: Stated = {
    value,
    ...(sourceTime !== undefined && { sourceTime }),
    receivedAt,
    version: { cloud: 0, edge },
  };
  const evidence = held && isAhead(said) ? evidenceOf(held) : undefined;
  return evidence === undefined ? said : { ...said, evidence };
}

function isAhead({ sourceTime, receivedAt }: Stated): boolean {
  return sourceTime !== undefined && sourceTime > receivedAt + clockAheadMs;
}

/**
 * The newest source time that counts as evidence, once this was heard: a time ahead of our clock says
 * nothing, and what was known before goes on counting.
 */
function evidenceOf(held: Stated): number | undefined {
  return isAhead(held) ? held.evidence : held.sourceTime;
}

/** What was held while our own clock was ahead is no evidence either. */
function isLate({ sourceTime }: Reading, held: Stated, receivedAt: number): boolean {
  const since = evidenceOf(held);
  if (sourceTime === undefined || since === undefined) return false;
  return since <= receivedAt + clockAheadMs && sourceTime < since;
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
  /** What the hub has decided about desired values written here. */
  readonly settled: SettledWishes;
}

/**
 * Makes the desired sides those of the Device's spec: new and changed wishes replace, withdrawn ones
 * go. A wish that has not changed keeps its version and its times. Wishes older than what is held are
 * ignored, and so is a property about whose value, written here, the hub has not decided yet. Returns
 * `twin` itself when nothing changed.
 */
export function desire(twin: Twin, wishes: Wishes, receivedAt: number): Twin {
  const { generation, values } = wishes;
  let next = withdraw(settle(twin, wishes.settled), wishes);
  for (const [property, wish] of values) {
    const held = next.get(property) ?? { type: 'STRING' };
    if (held.pending || (held.desired && !replaces(wish, generation, held.desired))) continue;
    const edge = held.wished ?? 0;
    const desired: Stated = { ...wish, receivedAt, version: { cloud: generation, edge } };
    next = withProperty(next, property, { ...held, desired });
  }
  return next;
}

/** Takes note of what the hub has decided. */
function settle(twin: Twin, settled: SettledWishes): Twin {
  let next = twin;
  for (const [property, { version }] of settled) {
    const known = twin.get(property);
    if (!known) continue;
    const { pending, ...held } = known;
    const wished = Math.max(held.wished ?? 0, version);
    const isOpen = pending !== undefined && pending.version > version;
    if (wished === held.wished && (isOpen || !pending)) continue;
    next = withProperty(next, property, { ...held, wished, ...(isOpen && { pending }) });
  }
  return next;
}

function withdraw(twin: Twin, { generation, values }: Wishes): Twin {
  let next = twin;
  for (const [property, { desired, ...rest }] of twin)
    if (desired && !rest.pending && !values.has(property) && generation >= desired.version.cloud)
      next = withProperty(next, property, rest);
  return next;
}

/** A desired value written here: it holds at once, until the hub has decided about it. */
export function wish(twin: Twin, property: string, { value, sourceTime }: Wish, now: number): Twin {
  const held = twin.get(property) ?? { type: 'STRING' };
  const version = (held.wished ?? 0) + 1;
  const over = held.pending ? held.pending.over : (held.desired?.value ?? null);
  const desired: Stated = {
    value,
    sourceTime: sourceTime ?? now,
    receivedAt: now,
    version: { cloud: held.desired?.version.cloud ?? 0, edge: version },
  };
  const pending = { over, version };
  return withProperty(twin, property, { ...held, desired, pending, wished: version });
}

/** The desired values written here about which the hub has not decided. */
export function openWishes(twin: Twin): EdgeWish[] {
  return [...twin].flatMap(([property, { desired, pending }]) =>
    desired && pending
      ? [{ property, value: desired.value, ...pending, at: desired.sourceTime ?? 0 }]
      : [],
  );
}

/**
 * The desired values written here that gave way to the cloud's from one twin to the next, be it that the
 * cloud has no such property any more.
 */
export function lostWishes(before: Twin, after: Twin, settled: SettledWishes): EdgeWish[] {
  return openWishes(before).filter(({ property, version }) => {
    if (!after.has(property)) return true;
    const decided = settled.get(property);
    const isOpen = after.get(property)?.pending !== undefined;
    return !isOpen && decided?.version === version && decided.value === undefined;
  });
}

function replaces(wish: Wish, generation: number, held: Stated): boolean {
  return wish.value !== held.value && generation >= held.version.cloud;
}

/**
 * Gives properties the types their model declares, and forgets those that it no longer does; what programs
 * report beside it stays. A reported value that is none of its property's new type is forgotten. Returns
 * `twin` itself when nothing changed.
 */
export function declare(twin: Twin, types: ReadonlyMap<string, PropertyType>): Twin {
  let next = twin;
  for (const [property, { declared }] of twin)
    if (declared && !types.has(property)) next = without(next, property);
  for (const [property, type] of types) {
    const held = next.get(property);
    if (held?.declared && held.type === type) continue;
    const retyped = { ...held, type, declared: true } as const;
    next = withProperty(next, property, isStillRight(retyped) ? retyped : unreported(retyped));
  }
  return next;
}

function isStillRight({ type, reported }: PropertyTwin): boolean {
  return !reported || misfit({ type }, reported.value) === undefined;
}

function unreported({ reported: _forgotten, ...rest }: PropertyTwin): PropertyTwin {
  return rest;
}

/** Forgets what was reported of a property. Returns `twin` itself when nothing was. */
export function forget(twin: Twin, property: string): Twin {
  const held = twin.get(property);
  return held?.reported ? withProperty(twin, property, unreported(held)) : twin;
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

/** A property that nobody declares is there only while somebody says something of it. */
function withProperty(twin: Twin, property: string, held: PropertyTwin): Twin {
  const isSomething = held.declared ?? (held.reported !== undefined || held.desired !== undefined);
  return isSomething ? new Map(twin).set(property, held) : without(twin, property);
}

function without(twin: Twin, property: string): Twin {
  return new Map([...twin].filter(([name]) => name !== property));
}
