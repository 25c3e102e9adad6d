import type { Json } from '../json.ts';

/** `reason` of a cause in a Status: what kind of rule a field breaks. */
export type FieldErrorReason =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid';

/**
 * A field that breaks a rule, worded as Kubernetes words it: `field` and `message` joined by `": "`
 * make the sentence of a Status, `message` alone is that of a cause.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
export interface FieldError {
  readonly reason: FieldErrorReason;
  /** Path of the field, for example `spec.containers[0].name`. */
  readonly field: string;
  /** For example `Invalid value: "x": must be 1`. */
  readonly message: string;
}

export function required(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, message: join('Required value', detail) };
}

export function invalid(field: string, value: Json | undefined, detail: string): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: join(`Invalid value: ${shown(value)}`, detail),
  };
}

/** The value has another type than the schema says. */
export function typeInvalid(field: string, value: Json | undefined, detail: string): FieldError {
  return { ...invalid(field, value, detail), reason: 'FieldValueTypeInvalid' };
}

export function duplicate(field: string, value: Json, detail = ''): FieldError {
  const message = join(`Duplicate value: ${shown(value)}`, detail);
  return { reason: 'FieldValueDuplicate', field, message };
}

export function forbidden(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: join('Forbidden', detail) };
}

export function notFound(field: string, value: Json): FieldError {
  return { reason: 'FieldValueNotFound', field, message: `Not found: ${shown(value)}` };
}

/** The value is none of `supported`, which are named in the order given. */
export function notSupported(
  field: string,
  value: Json | undefined,
  supported: readonly Json[],
): FieldError {
  const values = supported.map((one) => shown(one)).join(', ');
  const detail = supported.length === 0 ? '' : `supported values: ${values}`;
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: join(`Unsupported value: ${shown(value)}`, detail),
  };
}

export function tooLong(field: string, maxBytes: number): FieldError {
  return {
    reason: 'FieldValueTooLong',
    field,
    message: `Too long: may not be more than ${maxBytes} bytes`,
  };
}

export function tooMany(field: string, count: number, max: number): FieldError {
  return {
    reason: 'FieldValueTooMany',
    field,
    message: `Too many: ${count}: must have at most ${max} items`,
  };
}

/** One error for each complaint that a rule has about a value. */
export function complaints(
  field: string,
  value: string,
  rule: (value: string) => readonly string[],
): FieldError[] {
  return rule(value).map((detail) => invalid(field, value, detail));
}

function shown(value: Json | undefined): string {
  return JSON.stringify(value ?? null);
}

function join(body: string, detail: string): string {
  return detail === '' ? body : `${body}: ${detail}`;
}
