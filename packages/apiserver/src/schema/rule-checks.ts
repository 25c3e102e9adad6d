import { listAt, member, textAt, type Json } from '../json.ts';
import { invalid, notSupported, required, type FieldError } from '../validation/field-error.ts';
import { complaintAbout, type OldSelf } from './rule-language.ts';
import { memberSchema, type Schema } from './schema.ts';
import { isTransition, oldSelfIn, rulesKey } from './validation-rules.ts';

/** A schema in its place. */
interface Place {
  readonly schema: Schema;
  readonly path: string;
  /** Whether one knows what stood here before: not within a list whose elements have no names. */
  readonly isCorrelatable: boolean;
}

/**
 * What is wrong with the rules in a schema. `path` is where the schema stands.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export function validateRules(schema: Schema, path: string): FieldError[] {
  return check({ schema, path, isCorrelatable: true });
}

function check(place: Place): FieldError[] {
  const { schema, path, isCorrelatable } = place;
  const { properties = {}, items, additionalProperties: others } = schema;
  const own = listAt({ ...schema } as Json, rulesKey).flatMap((rule, index) =>
    ruleErrors(rule, place, `${path}.${rulesKey}[${index}]`),
  );
  const named = schema['x-kubernetes-list-type'] === 'map';
  return [
    ...own,
    ...Object.entries(properties).flatMap(([key, inner]) =>
      check({ schema: inner, path: `${path}.properties[${key}]`, isCorrelatable }),
    ),
    ...(items
      ? check({ schema: items, path: `${path}.items`, isCorrelatable: isCorrelatable && named })
      : []),
    ...(typeof others === 'object'
      ? check({ schema: others, path: `${path}.additionalProperties`, isCorrelatable })
      : []),
  ];
}

function ruleErrors(rule: Json, place: Place, path: string): FieldError[] {
  const source = textAt(rule, 'rule') ?? '';
  if (source.trim() === '') return [required(`${path}.rule`, 'rule is not specified')];
  const complaint = complaintAbout(source, 'bool', oldSelfIn(rule));
  return [
    ...(complaint === undefined
      ? []
      : [invalid(`${path}.rule`, rule, `compilation failed: ${complaint}`)]),
    ...oldSelfErrors(rule, place, path),
    ...messageErrors(rule, path),
    ...reasonErrors(rule, path),
    ...fieldPathErrors(rule, place.schema, path),
  ];
}

function oldSelfErrors(rule: Json, { isCorrelatable }: Place, path: string): FieldError[] {
  const source = textAt(rule, 'rule') ?? '';
  if (member(rule, 'optionalOldSelf') === true && !isTransition(source))
    return [invalid(`${path}.optionalOldSelf`, true, 'may only be set if oldSelf is used in rule')];
  if (isCorrelatable || !isTransition(source)) return [];
  const within = 'oldSelf cannot be used on the uncorrelatable portion of the schema';
  return [invalid(`${path}.rule`, source, `${within}: its list is not of the type map`)];
}

function messageErrors(rule: Json, path: string): FieldError[] {
  const message = textAt(rule, 'message') ?? '';
  const expression = textAt(rule, 'messageExpression');
  const hasLines = (textAt(rule, 'rule') ?? '').trim().includes('\n');
  return [
    ...(message === '' && hasLines
      ? [required(`${path}.message`, 'message must be specified if rule contains line breaks')]
      : []),
    ...(message !== '' && message.trim() === ''
      ? [invalid(`${path}.message`, message, 'message must be non-empty if specified')]
      : []),
    ...(message.trim().includes('\n')
      ? [invalid(`${path}.message`, message, 'message must not contain line breaks')]
      : []),
    ...(expression === undefined ? [] : expressionErrors(expression, oldSelfIn(rule), path)),
  ];
}

function expressionErrors(expression: string, oldSelf: OldSelf, path: string): FieldError[] {
  const at = `${path}.messageExpression`;
  if (expression.trim() === '')
    return [required(at, 'messageExpression must be non-empty if specified')];
  const complaint = complaintAbout(expression, 'string', oldSelf);
  if (complaint === undefined) return [];
  return [invalid(at, expression, `messageExpression compilation failed: ${complaint}`)];
}

const reasons = [
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueDuplicate',
];

function reasonErrors(rule: Json, path: string): FieldError[] {
  const reason = textAt(rule, 'reason');
  if (reason === undefined || reasons.includes(reason)) return [];
  return [notSupported(`${path}.reason`, reason, reasons)];
}

/** A path within the value that the rule is about: `.a.b`, `.a['b.c']`. Elements of lists have none. */
function fieldPathErrors(rule: Json, schema: Schema, path: string): FieldError[] {
  const said = textAt(rule, 'fieldPath');
  if (said === undefined) return [];
  const wrong = (detail: string): FieldError[] => [invalid(`${path}.fieldPath`, said, detail)];
  if (said.trim() === '') return wrong('fieldPath must be non-empty if specified');
  if (!/^(\.[A-Za-z_][\w-]*|\['[^']+'\])+$/.test(said))
    return wrong('fieldPath must be a valid path');
  const steps = [...said.matchAll(/\.([\w-]+)|\['([^']+)'\]/g)];
  const found = steps.reduce<Schema | undefined>(
    (inner, [, plain, quoted]) => memberSchema(inner, plain ?? quoted ?? ''),
    schema,
  );
  return found ? [] : wrong('fieldPath must be a valid path: does not refer to a valid field');
}
