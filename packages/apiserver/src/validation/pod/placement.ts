import { isObject, listAt, objectAt, textAt, valueAt, type Json } from '../../json.ts';
import { complaints, invalid, notSupported, required, type FieldError } from '../field-error.ts';
import { validateLabels, validateSelector } from '../metadata.ts';
import { labelValueRule, qualifiedName } from '../names.ts';
import { each, oneOf, optional, requiredText } from '../rules.ts';

/** Checks what says where a pod may run: node selector, tolerations, affinity. */
export function validatePlacement(spec: Json | undefined, path: string): FieldError[] {
  return [
    ...validateLabels(`${path}.nodeSelector`, valueAt(spec, 'nodeSelector')),
    ...each(spec, path, 'tolerations', validateToleration),
    ...optional(spec, path, 'affinity', validateAffinity),
    ...each(spec, path, 'topologySpreadConstraints', validateSpread),
  ];
}

function validateToleration(toleration: Json, path: string): FieldError[] {
  const [key, operator, effect] = ['key', 'operator', 'effect'].map(
    (field) => textAt(toleration, field) ?? '',
  ) as [string, string, string];
  return [
    ...(key === '' ? [] : complaints(`${path}.key`, key, qualifiedName)),
    ...(key === '' && operator !== 'Exists'
      ? [
          invalid(
            `${path}.operator`,
            operator,
            'operator must be Exists when `key` is empty, which means "match all values and all keys"',
          ),
        ]
      : []),
    ...(valueAt(toleration, 'tolerationSeconds') !== undefined && effect !== 'NoExecute'
      ? [
          invalid(
            `${path}.effect`,
            effect,
            "effect must be 'NoExecute' when `tolerationSeconds` is set",
          ),
        ]
      : []),
    ...validateTolerationValue(toleration, path, operator),
    ...(effect === ''
      ? []
      : oneOf(toleration, path, 'effect', ['NoSchedule', 'PreferNoSchedule', 'NoExecute'])),
  ];
}

function validateTolerationValue(toleration: Json, path: string, operator: string): FieldError[] {
  const value = textAt(toleration, 'value') ?? '';
  switch (operator) {
    case '':
    case 'Equal':
      return complaints(`${path}.operator`, value, labelValueRule);
    case 'Exists':
      return value === ''
        ? []
        : [
            invalid(
              `${path}.operator`,
              toleration,
              "value must be empty when `operator` is 'Exists'",
            ),
          ];
    case 'Gt':
    case 'Lt':
      return [];
    default:
      return [notSupported(`${path}.operator`, operator, ['Equal', 'Exists'])];
  }
}

function validateAffinity(affinity: Json, path: string): FieldError[] {
  return [
    ...optional(affinity, path, 'nodeAffinity', validateNodeAffinity),
    ...['podAffinity', 'podAntiAffinity'].flatMap((field) =>
      optional(affinity, path, field, validatePodAffinity),
    ),
  ];
}

const whenRequired = 'requiredDuringSchedulingIgnoredDuringExecution';
const whenPreferred = 'preferredDuringSchedulingIgnoredDuringExecution';

function validateNodeAffinity(affinity: Json, path: string): FieldError[] {
  return [
    ...optional(affinity, path, whenRequired, (selector, at) =>
      listAt(selector, 'nodeSelectorTerms').length === 0
        ? [required(`${at}.nodeSelectorTerms`, 'must have at least one node selector term')]
        : each(selector, at, 'nodeSelectorTerms', validateNodeTerm),
    ),
    ...each(affinity, path, whenPreferred, (term, at) => [
      ...validateWeight(term, at),
      ...optional(term, at, 'preference', validateNodeTerm),
    ]),
  ];
}

function validateNodeTerm(term: Json, path: string): FieldError[] {
  return [
    ...each(term, path, 'matchExpressions', validateNodeRequirement),
    ...each(term, path, 'matchFields', validateNodeRequirement),
  ];
}

function validateNodeRequirement(requirement: Json, path: string): FieldError[] {
  const count = listAt(requirement, 'values').length;
  const ofKey = complaints(`${path}.key`, textAt(requirement, 'key') ?? '', qualifiedName);
  switch (textAt(requirement, 'operator')) {
    case 'In':
    case 'NotIn':
      return count > 0
        ? ofKey
        : [
            required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
            ...ofKey,
          ];
    case 'Gt':
    case 'Lt':
      return count === 1
        ? ofKey
        : [
            required(
              `${path}.values`,
              "must be specified single value when `operator` is 'Lt' or 'Gt'",
            ),
            ...ofKey,
          ];
    case 'Exists':
    case 'DoesNotExist':
      return ofKey;
    default:
      return [
        invalid(
          `${path}.operator`,
          valueAt(requirement, 'operator'),
          'not a valid selector operator',
        ),
        ...ofKey,
      ];
  }
}

function validateWeight(term: Json, path: string): FieldError[] {
  const weight = valueAt(term, 'weight') ?? 0;
  return typeof weight === 'number' && weight >= 1 && weight <= 100
    ? []
    : [invalid(`${path}.weight`, weight, 'must be in the range 1-100')];
}

function validatePodAffinity(affinity: Json, path: string): FieldError[] {
  return [
    ...each(affinity, path, whenRequired, validatePodTerm),
    ...each(affinity, path, whenPreferred, (term, at) => [
      ...validateWeight(term, at),
      ...validatePodTerm(objectAt(term, 'podAffinityTerm') ?? {}, `${at}.podAffinityTerm`),
    ]),
  ];
}

function validatePodTerm(term: Json, path: string): FieldError[] {
  const topologyKey = textAt(term, 'topologyKey') ?? '';
  return [
    ...(topologyKey === ''
      ? [required(`${path}.topologyKey`, 'can not be empty')]
      : complaints(`${path}.topologyKey`, topologyKey, qualifiedName)),
    ...optional(term, path, 'labelSelector', (selector, at) => validateSelector(at, selector)),
    ...optional(term, path, 'namespaceSelector', (selector, at) => validateSelector(at, selector)),
  ];
}

function validateSpread(constraint: Json, path: string): FieldError[] {
  const maxSkew = valueAt(constraint, 'maxSkew') ?? 0;
  return [
    ...(typeof maxSkew === 'number' && maxSkew > 0
      ? []
      : [invalid(`${path}.maxSkew`, maxSkew, 'must be greater than zero')]),
    ...requiredText(constraint, path, 'topologyKey'),
    ...oneOf(constraint, path, 'whenUnsatisfiable', ['DoNotSchedule', 'ScheduleAnyway']),
    ...optional(constraint, path, 'labelSelector', (selector, at) =>
      isObject(selector) ? validateSelector(at, selector) : [],
    ),
  ];
}
