import { Environment, Optional } from '@marcbachmann/cel-js';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { memberSchema, type Schema } from './schema.ts';

export interface Variables {
  readonly self: unknown;
  readonly oldSelf?: unknown;
}

/** An expression of the Common Expression Language; throws where it has no value. */
export type Expression = (variables: Variables) => unknown;

/** An expression cannot be larger: nobody can read it, either. */
const limits = { maxAstNodes: 5_000, maxDepth: 100 };
const withSelf = new Environment({ limits, enableOptionalTypes: true }).registerVariable(
  'self',
  'dyn',
);
export type OldSelf = 'plain' | 'optional';
/** What stood there before is a value, or one that there may not be. */
const languages: Readonly<Record<OldSelf, Environment>> = {
  plain: withSelf.clone().registerVariable('oldSelf', 'dyn'),
  optional: withSelf.clone().registerVariable('oldSelf', 'optional<dyn>'),
};

/** Throws where `complaintAbout` complains. */
export function parseExpression(source: string, oldSelf: OldSelf): Expression {
  const evaluate = languages[oldSelf].parse(source);
  return (variables) => evaluate({ ...variables }) as unknown;
}

/** What is wrong with an expression that is to give a value of some type; undefined: nothing. */
export function complaintAbout(
  source: string,
  wanted: 'bool' | 'string',
  oldSelf: OldSelf,
): string | undefined {
  const { valid, type, error } = languages[oldSelf].check(source);
  if (!valid) return (error?.message ?? 'no expression').split('\n')[0];
  return type === wanted || type === 'dyn' ? undefined : `must evaluate to ${wanted}`;
}

/** The value before an update, where a rule also runs without one. */
export function optionalCel(value: Json | undefined, schema: Schema): unknown {
  return value === undefined ? Optional.none() : Optional.of(toCel(value, schema));
}

/** Whole numbers are integers to an expression only where the schema says so; times are no text. */
export function toCel(value: Json, schema: Schema | undefined): unknown {
  if (typeof value === 'number') return isInteger(value, schema) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item) => toCel(item, schema?.items));
  if (isObject(value)) return toMap(value, schema);
  const isTime = schema?.format === 'date-time' || schema?.format === 'date';
  return typeof value === 'string' && isTime ? new Date(value) : value;
}

function isInteger(value: number, schema: Schema | undefined): boolean {
  return Number.isSafeInteger(value) && schema?.type !== 'number';
}

function toMap(value: JsonObject, schema: Schema | undefined): Record<string, unknown> {
  const { properties = {} } = schema ?? {};
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
    Object.hasOwn(properties, key) ? escaped(key) : key,
    toCel(inner, memberSchema(schema, key)),
  ]);
  return Object.fromEntries(entries);
}

const reserved: readonly string[] = (
  'true false null in as break const continue else for function if import let loop package ' +
  'namespace return var void while'
).split(' ');

/** How an expression names a field whose name is no identifier, or a word of the language. */
function escaped(key: string): string {
  if (reserved.includes(key)) return `__${key}__`;
  return key
    .replaceAll('__', '__underscores__')
    .replaceAll('-', '__dash__')
    .replaceAll('.', '__dot__')
    .replaceAll('/', '__slash__');
}
