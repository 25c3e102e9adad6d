import { sameJson, type Json } from '../json.ts';
import {
  invalid,
  notSupported,
  tooLong,
  typeInvalid,
  type FieldError,
} from '../validation/field-error.ts';
import { fitsFormat } from './formats.ts';
import type { Schema } from './schema.ts';

/** Checks `enum`: the value is one of those listed. */
export function validateEnum(value: Json, { enum: values }: Schema, path: string): FieldError[] {
  if (!values || values.some((one) => sameJson(one, value))) return [];
  const named = values.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return [notSupported(path, value, named)];
}

/** Checks length, pattern and format of a string. */
export function validateString(value: string, schema: Schema, path: string): FieldError[] {
  const { minLength = 0, maxLength = Infinity, pattern, format } = schema;
  const errors: FieldError[] = [];
  const length = characters(value);
  if (length > maxLength) errors.push(tooLong(path, maxLength));
  if (length < minLength)
    errors.push(invalid(path, value, `${path} in body should be at least ${minLength} chars long`));
  if (pattern !== undefined && !matches(value, pattern))
    errors.push(invalid(path, value, `${path} in body should match '${pattern}'`));
  if (format !== undefined && !fitsFormat(format, value))
    errors.push(
      typeInvalid(
        path,
        value,
        `${path} in body must be of type ${format}: ${JSON.stringify(value)}`,
      ),
    );
  return errors;
}

/**
 * Whether `value` matches a pattern in the notation of Go's regular expressions. Patterns that have
 * no like in JavaScript match everything: refusing what may be right would be worse.
 */
function matches(value: string, pattern: string): boolean {
  const expression = expressionOf(pattern);
  return expression === undefined || expression.test(value);
}

/** The pattern as a JavaScript expression; undefined when it has none. */
function expressionOf(pattern: string): RegExp | undefined {
  const flags = /^\(\?([is]+)\)/.exec(pattern);
  const source = pattern
    .slice(flags?.[0].length ?? 0)
    .replaceAll('(?P<', '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$');
  for (const unicode of ['u', ''])
    try {
      return new RegExp(source, `${flags?.[1] ?? ''}${unicode}`);
    } catch {
      continue;
    }
  return undefined;
}

/** Length in characters: surrogate pairs count once. */
function characters(value: string): number {
  return value.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, '_').length;
}

/** Checks bounds and multiples of a number. */
export function validateNumber(value: number, schema: Schema, path: string): FieldError[] {
  return brokenRules(value, schema).map((rule) =>
    invalid(path, value, `${path} in body should be ${rule}`),
  );
}

function brokenRules(value: number, schema: Schema): string[] {
  const { multipleOf, minimum = -Infinity, maximum = Infinity } = schema;
  const [belowMaximum, aboveMinimum] = [
    schema.exclusiveMaximum ? value < maximum : value <= maximum,
    schema.exclusiveMinimum ? value > minimum : value >= minimum,
  ];
  const rules = new Map([
    [`a multiple of ${multipleOf ?? 1}`, multipleOf === undefined || isMultiple(value, multipleOf)],
    [`less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`, belowMaximum],
    [`greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`, aboveMinimum],
  ]);
  return [...rules].filter(([, holds]) => !holds).map(([rule]) => rule);
}

// 0.3 is a multiple of 0.1, though no binary fraction says so.
function isMultiple(value: number, factor: number): boolean {
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}
