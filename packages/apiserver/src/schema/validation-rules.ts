import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { messageOf } from '@skerry/shared/errors';
import { isObject, member, textAt, type Json, type JsonObject } from '../json.ts';
import {
  invalid,
  required,
  type FieldError,
  type FieldErrorReason,
} from '../validation/field-error.ts';
import { memberSchema, type Schema } from './schema.ts';

/** The extension of a schema that holds rules. */
export const rulesKey = 'x-kubernetes-validations';

interface Rule {
  readonly source: string;
  readonly evaluate: ParseResult;
  /** Compares with the value before: only updates can break it. */
  readonly isTransition: boolean;
  /** It also runs where there was no value before. */
  readonly optionalOldSelf: boolean;
  readonly message: (variables: Variables) => string;
  readonly reason: FieldErrorReason;
  readonly fieldPath: string;
}

interface Variables {
  readonly self: unknown;
  readonly oldSelf?: unknown;
}

/** A value in its place, and what stood there before; absent: nothing did. */
interface Place {
  readonly value: Json;
  readonly before: Json | undefined;
  readonly path: string;
}

/** An expression cannot be larger: nobody can read it, either. */
const limits = { maxAstNodes: 5_000, maxDepth: 100 };
const optionalTypes = new Environment({ limits, enableOptionalTypes: true })
  .registerVariable('self', 'dyn')
  .registerVariable('oldSelf', 'dyn');

/**
 * The rules that a schema holds in the Common Expression Language, compiled once.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export class ValidationRules {
  readonly #compiled = new Map<Schema, readonly Rule[]>();

  /** What a value breaks that the rest of its schema accepts. `before` is what it replaces. */
  check(value: Json, schema: Schema, before?: Json): FieldError[] {
    return this.#check({ value, before, path: '' }, schema);
  }

  #check(place: Place, schema: Schema): FieldError[] {
    const { value } = place;
    if (value === null) return [];
    const own = this.#rulesOf(schema).flatMap((rule) => broken(rule, place, schema));
    if (Array.isArray(value)) return [...own, ...this.#elements(value, place, schema)];
    return isObject(value) ? [...own, ...this.#members(value, place, schema)] : own;
  }

  #members(value: JsonObject, { before, path }: Place, schema: Schema): FieldError[] {
    return Object.entries(value).flatMap(([key, inner]) => {
      const of = memberSchema(schema, key);
      if (!of) return [];
      const isField = schema.properties !== undefined && Object.hasOwn(schema.properties, key);
      const at = isField ? (path === '' ? key : `${path}.${key}`) : `${path}[${key}]`;
      return this.#check({ value: inner, before: member(before, key), path: at }, of);
    });
  }

  #elements(list: readonly Json[], { before, path }: Place, schema: Schema): FieldError[] {
    const { items } = schema;
    if (!items) return [];
    return list.flatMap((value, index) =>
      this.#check(
        { value, before: sameElement(before, value, schema), path: `${path}[${index}]` },
        items,
      ),
    );
  }

  #rulesOf(schema: Schema): readonly Rule[] {
    const known = this.#compiled.get(schema);
    if (known) return known;
    const rules = (schema[rulesKey] ?? []).flatMap((rule) => compile(rule) ?? []);
    this.#compiled.set(schema, rules);
    return rules;
  }
}

/** The element of a list that an element replaces: only lists of type `map` know. */
function sameElement(before: Json | undefined, value: Json, schema: Schema): Json | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(before)) return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return before.find((other) => keys.every((key) => member(other, key) === member(value, key)));
}

/** Rules that cannot be compiled are refused with their definition, and so are not met here. */
function compile(rule: Json): Rule | undefined {
  const source = textAt(rule, 'rule') ?? '';
  if (complaintAbout(source) !== undefined) return undefined;
  const expression = textAt(rule, 'messageExpression') ?? '';
  const spoken = expression === '' ? undefined : optionalTypes.parse(expression);
  const text = textAt(rule, 'message') ?? `failed rule: ${source.trim()}`;
  return {
    source,
    evaluate: optionalTypes.parse(source),
    isTransition: /\boldSelf\b/.test(source),
    optionalOldSelf: member(rule, 'optionalOldSelf') === true,
    message: (variables) => (spoken && saidBy(spoken, variables)) ?? text,
    reason: (textAt(rule, 'reason') ?? 'FieldValueInvalid') as FieldErrorReason,
    fieldPath: textAt(rule, 'fieldPath') ?? '',
  };
}

function saidBy(expression: ParseResult, variables: Variables): string | undefined {
  try {
    const said: unknown = expression({ ...variables });
    return typeof said === 'string' && said.trim() !== '' ? said : undefined;
  } catch {
    return undefined; // the message that does not depend on the value is as good
  }
}

function broken(rule: Rule, { value, before, path }: Place, schema: Schema): FieldError[] {
  if (rule.isTransition && before === undefined && !rule.optionalOldSelf) return [];
  const variables: Variables = {
    self: toCel(value, schema),
    ...(rule.isTransition && before !== undefined ? { oldSelf: toCel(before, schema) } : {}),
  };
  const type = schema.type ?? 'object';
  try {
    if (rule.evaluate({ ...variables }) === true) return [];
  } catch (error) {
    const [first = ''] = messageOf(error).split('\n');
    return [invalid(path, type, `${first} evaluating rule: ${rule.source.trim()}`)];
  }
  const field = `${path}${rule.fieldPath}`.replace(/^\./, '');
  return [{ ...invalid(field, type, rule.message(variables)), reason: rule.reason }];
}

/** Whole numbers are integers to an expression only where the schema says so; times are no text. */
function toCel(value: Json, schema: Schema | undefined): unknown {
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

function complaintAbout(source: string): string | undefined {
  const { valid, type, error } = optionalTypes.check(source);
  if (!valid) return (error?.message ?? 'no expression').split('\n')[0];
  return type === 'bool' || type === 'dyn'
    ? undefined
    : `must evaluate to a bool, not ${type ?? ''}`;
}

/** What is wrong with the rules in a schema. `path` is where the schema stands. */
export function validateRules(schema: Schema, path: string): FieldError[] {
  return [
    ...(schema[rulesKey] ?? []).flatMap((rule, index) =>
      ruleErrors(rule, `${path}.${rulesKey}[${index}]`),
    ),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
      validateRules(inner, `${path}.properties[${key}]`),
    ),
    ...(schema.items ? validateRules(schema.items, `${path}.items`) : []),
    ...(typeof schema.additionalProperties === 'object'
      ? validateRules(schema.additionalProperties, `${path}.additionalProperties`)
      : []),
  ];
}

function ruleErrors(rule: Json, path: string): FieldError[] {
  const source = textAt(rule, 'rule') ?? '';
  if (source.trim() === '') return [required(`${path}.rule`, 'rule is not specified')];
  const complaint = complaintAbout(source);
  if (complaint === undefined) return [];
  return [invalid(`${path}.rule`, rule, `compilation failed: ${complaint}`)];
}
