import { messageOf } from '@skerry/shared/errors';
import { isObject, member, textAt, type Json, type JsonObject } from '../json.ts';
import { invalid, type FieldError, type FieldErrorReason } from '../validation/field-error.ts';
import {
  complaintAbout,
  optionalCel,
  parseExpression,
  toCel,
  type Expression,
  type OldSelf,
  type Variables,
} from './rule-language.ts';
import { memberSchema, type Schema } from './schema.ts';
import { TimeLimit, TimeLimitReached } from './time-limit.ts';

/** The extension of a schema that holds rules. */
export const rulesKey = 'x-kubernetes-validations';

/** How long all rules about one object may take, milliseconds. */
export const rulesBudgetMs = 1_000;
const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run';
/** What an expression may say of a broken rule. */
const maxMessageBytes = 5_120;

interface Rule {
  readonly source: string;
  readonly evaluate: Expression;
  /** Compares with the value before: only updates can break it. */
  readonly isTransition: boolean;
  /** It also runs where there was no value before. */
  readonly optionalOldSelf: boolean;
  readonly message: (variables: Variables) => string;
  readonly reason: FieldErrorReason;
  readonly fieldPath: string;
}

/** A value in its place, and what stood there before; absent: nothing did. */
interface Place {
  readonly value: Json;
  readonly before: Json | undefined;
  readonly path: string;
}

/**
 * The rules that a schema holds in the Common Expression Language, compiled once.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export class ValidationRules {
  readonly #compiled = new Map<Schema, readonly Rule[]>();
  readonly #limit = new TimeLimit();
  readonly #budgetMs: number;

  constructor(budgetMs: number = rulesBudgetMs) {
    this.#budgetMs = budgetMs;
  }

  /**
   * What a value breaks that the rest of its schema accepts. `before` is what it replaces. Rules that
   * take too long are broken.
   */
  check(value: Json, schema: Schema, before?: Json): FieldError[] {
    if (!holdsRules(schema)) return [];
    try {
      const place = { value, before, path: '' };
      return this.#limit.within(this.#budgetMs, () => this.#check(place, schema));
    } catch (error) {
      if (error instanceof TimeLimitReached)
        return [invalid('', schema.type ?? 'object', outOfBudget)];
      throw error;
    }
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

function holdsRules(schema: Schema): boolean {
  const { properties = {}, items, additionalProperties: others } = schema;
  return (
    schema[rulesKey] !== undefined ||
    Object.values(properties).some(holdsRules) ||
    (items !== undefined && holdsRules(items)) ||
    (typeof others === 'object' && holdsRules(others))
  );
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
  const oldSelf = oldSelfIn(rule);
  if (complaintAbout(source, 'bool', oldSelf) !== undefined) return undefined;
  const expression = textAt(rule, 'messageExpression') ?? '';
  const spoken = expression === '' ? undefined : parseExpression(expression, oldSelf);
  const text = textAt(rule, 'message') ?? `failed rule: ${source.trim()}`;
  return {
    source,
    evaluate: parseExpression(source, oldSelf),
    isTransition: isTransition(source),
    optionalOldSelf: oldSelf === 'optional',
    message: (variables) => (spoken && saidBy(spoken, variables)) ?? text,
    reason: (textAt(rule, 'reason') ?? 'FieldValueInvalid') as FieldErrorReason,
    fieldPath: textAt(rule, 'fieldPath') ?? '',
  };
}

/** Whether a rule also runs where there was no value before. */
export function oldSelfIn(rule: Json): OldSelf {
  return member(rule, 'optionalOldSelf') === true ? 'optional' : 'plain';
}

/** Whether a rule compares with the value before. */
export function isTransition(source: string): boolean {
  return /\boldSelf\b/.test(source);
}

function saidBy(expression: Expression, variables: Variables): string | undefined {
  try {
    const said = expression(variables);
    return typeof said === 'string' && isMessage(said) ? said : undefined;
  } catch {
    return undefined; // the message that does not depend on the value is as good
  }
}

/** One line that says something. */
function isMessage(text: string): boolean {
  return text.trim() !== '' && !text.includes('\n') && Buffer.byteLength(text) <= maxMessageBytes;
}

function variablesOf(rule: Rule, { value, before }: Place, schema: Schema): Variables {
  const self = toCel(value, schema);
  if (!rule.isTransition) return { self };
  if (rule.optionalOldSelf) return { self, oldSelf: optionalCel(before, schema) };
  return { self, oldSelf: toCel(before ?? null, schema) };
}

function broken(rule: Rule, place: Place, schema: Schema): FieldError[] {
  const { before, path } = place;
  if (rule.isTransition && before === undefined && !rule.optionalOldSelf) return [];
  const variables = variablesOf(rule, place, schema);
  const type = schema.type ?? 'object';
  try {
    if (rule.evaluate(variables) === true) return [];
  } catch (error) {
    const [first = ''] = messageOf(error).split('\n');
    return [invalid(path, type, `${first} evaluating rule: ${rule.source.trim()}`)];
  }
  const field = `${path}${rule.fieldPath}`.replace(/^\./, '');
  return [{ ...invalid(field, type, rule.message(variables)), reason: rule.reason }];
}
