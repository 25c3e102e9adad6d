import type { Json } from '@skerry/apiserver/json';

/** `type` of a DeviceModel's property. */
export const propertyTypes = [
  'INT',
  'FLOAT',
  'DOUBLE',
  'STRING',
  'BOOLEAN',
  'BYTES',
  'STREAM',
] as const;
export type PropertyType = (typeof propertyTypes)[number];

/** Longest value of a property, bytes of UTF-8. */
export const maxValueBytes = 4_096;

/** Unknown and absent types are read as `STRING`: every value fits one. */
export function propertyType(text: string | undefined): PropertyType {
  return propertyTypes.find((type) => type === text?.toUpperCase()) ?? 'STRING';
}

/** What a model says of the values of a property. */
export interface ValueRule {
  readonly type: PropertyType;
  /** Bounds as text, both allowed themselves; they bind only types that are numbers. */
  readonly minimum?: string | undefined;
  readonly maximum?: string | undefined;
}

/** Why `value` cannot be the value of such a property; undefined when it can. */
export function misfit({ type, minimum, maximum }: ValueRule, value: string): string | undefined {
  if (Buffer.byteLength(value) > maxValueBytes) return `longer than ${maxValueBytes} bytes`;
  const why = kinds[type].misfit(value);
  if (why) return why;
  if (isBelow(type, value, minimum)) return `below the minimum ${minimum}`;
  return isBelow(type, maximum, value) ? `above the maximum ${maximum}` : undefined;
}

function isBelow(type: PropertyType, a: string | undefined, b: string | undefined): boolean {
  if (!a || !b || (kinds[type] !== number && kinds[type] !== integer)) return false;
  if (isInteger(a) && isInteger(b)) return BigInt(a) < BigInt(b);
  return Number(a) < Number(b); // false where one is not a number
}

/** How far two values are apart; Infinity where they are not numbers. */
export function distance(type: PropertyType, a: string, b: string): number {
  if (sameValue(type, a, b)) return 0;
  const apart = kinds[type] === number || kinds[type] === integer ? Number(a) - Number(b) : NaN;
  return Number.isNaN(apart) ? Infinity : Math.abs(apart);
}

/** Whether two texts mean the same value: `25` and `25.0` do, where the type is a number. */
export function sameValue(type: PropertyType, a: string, b: string): boolean {
  return a === b || kinds[type].same(a, b);
}

/** A value as a device wants it in JSON: numbers and booleans bare, everything else as text. */
export function toJson(type: PropertyType, value: string): Json {
  return kinds[type].toJson(value);
}

/** A value found in JSON, as the text that twins carry; undefined for `null` and nothing. */
export function fromJson(json: Json | undefined): string | undefined {
  if (json === undefined || json === null) return undefined;
  return typeof json === 'object' ? JSON.stringify(json) : String(json);
}

/** How the values of some types are read. */
interface Kind {
  readonly misfit: (value: string) => string | undefined;
  /** For two different texts. */
  readonly same: (a: string, b: string) => boolean;
  readonly toJson: (value: string) => Json;
}

const number: Kind = {
  misfit: (value) => (isNumber(value) ? undefined : 'not a number'),
  same: (a, b) => isNumber(a) && isNumber(b) && Number(a) === Number(b),
  toJson: (value) => (isNumber(value) ? Number(value) : value),
};

const integer: Kind = {
  misfit: (value) => (isInteger(value) ? undefined : 'not an integer'),
  same: (a, b) => isInteger(a) && isInteger(b) && BigInt(a) === BigInt(b), // exact beyond 2^53
  toJson: (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value),
};

const boolean: Kind = {
  misfit: (value) => (/^(true|false)$/i.test(value) ? undefined : 'neither true nor false'),
  same: (a, b) => a.toLowerCase() === b.toLowerCase(),
  toJson: (value) => value.toLowerCase() === 'true',
};

const text: Kind = { misfit: () => undefined, same: () => false, toJson: (value) => value };

const kinds: Readonly<Record<PropertyType, Kind>> = {
  INT: integer,
  FLOAT: number,
  DOUBLE: number,
  STRING: text,
  BOOLEAN: boolean,
  BYTES: text,
  STREAM: text,
};

function isNumber(value: string): boolean {
  return value.trim() !== '' && Number.isFinite(Number(value));
}

function isInteger(value: string): boolean {
  return /^-?\d+$/.test(value);
}
