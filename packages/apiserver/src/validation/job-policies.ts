import { isObject, listAt, objectAt, textAt, valueAt, type Json } from '../json.ts';
import { invalid, notSupported, required, type FieldError } from './field-error.ts';
import { nonNegative } from './rules.ts';

/**
 * What is wrong with how a job counts its pods: by index, by a policy for failures, by one for success.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
 */
export function validateJobPolicies(spec: Json | undefined, path: string): FieldError[] {
  return [
    ...indexErrors(spec, path),
    ...failurePolicyErrors(spec, path),
    ...successPolicyErrors(spec, path),
  ];
}

function indexErrors(spec: Json | undefined, path: string): FieldError[] {
  const isIndexed = textAt(spec, 'completionMode') === 'Indexed';
  const perIndex = valueAt(spec, 'backoffLimitPerIndex');
  return [
    ...(isIndexed && valueAt(spec, 'completions') === undefined
      ? [required(`${path}.completions`, 'when completion mode is Indexed')]
      : []),
    ...nonNegative(spec, path, 'backoffLimitPerIndex'),
    ...nonNegative(spec, path, 'maxFailedIndexes'),
    ...(perIndex !== undefined && !isIndexed
      ? [invalid(`${path}.backoffLimitPerIndex`, perIndex, 'requires indexed completion mode')]
      : []),
    ...(perIndex === undefined && valueAt(spec, 'maxFailedIndexes') !== undefined
      ? [required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
      : []),
  ];
}

function failurePolicyErrors(spec: Json | undefined, path: string): FieldError[] {
  if (!objectAt(spec, 'podFailurePolicy')) return [];
  const restarts = textAt(spec, 'template', 'spec', 'restartPolicy') ?? '';
  const replaced = textAt(spec, 'podReplacementPolicy') ?? 'Failed';
  const rules = listAt(spec, 'podFailurePolicy', 'rules');
  return [
    ...(restarts === 'Never'
      ? []
      : [
          invalid(
            `${path}.template.spec.restartPolicy`,
            restarts,
            'only "Never" is supported when podFailurePolicy is specified',
          ),
        ]),
    ...(replaced === 'Failed'
      ? []
      : [notSupported(`${path}.podReplacementPolicy`, replaced, ['Failed'])]),
    ...rules.flatMap((rule, index) =>
      failureRuleErrors(rule, spec, `${path}.podFailurePolicy.rules[${index}]`),
    ),
  ];
}

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

function failureRuleErrors(rule: Json, spec: Json | undefined, path: string): FieldError[] {
  const action = textAt(rule, 'action') ?? '';
  const needsLimit = action === 'FailIndex' && valueAt(spec, 'backoffLimitPerIndex') === undefined;
  return [
    ...(action === '' ? [required(`${path}.action`, `valid values: ${actions.join(', ')}`)] : []),
    ...(action !== '' && !actions.includes(action)
      ? [notSupported(`${path}.action`, action, actions)]
      : []),
    ...(needsLimit
      ? [invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set')]
      : []),
    ...patternErrors(rule, spec, path),
  ];
}

function patternErrors(rule: Json, spec: Json | undefined, path: string): FieldError[] {
  const codes = objectAt(rule, 'onExitCodes');
  const conditions = listAt(rule, 'onPodConditions');
  if (!codes && conditions.length === 0)
    return [invalid(path, rule, 'specifying one of OnExitCodes and OnPodConditions is required')];
  if (codes && conditions.length > 0)
    return [
      invalid(path, rule, 'specifying both OnExitCodes and OnPodConditions is not supported'),
    ];
  return [
    ...(codes ? exitCodeErrors(codes, spec, `${path}.onExitCodes`) : []),
    ...conditions.flatMap((pattern, index) =>
      (textAt(pattern, 'type') ?? '') === ''
        ? [required(`${path}.onPodConditions[${index}].type`)]
        : [],
    ),
  ];
}

function exitCodeErrors(codes: Json, spec: Json | undefined, path: string): FieldError[] {
  const operator = textAt(codes, 'operator') ?? '';
  const values = listAt(codes, 'values');
  const container = textAt(codes, 'containerName');
  const pod = objectAt(spec, 'template', 'spec');
  const names = [...listAt(pod, 'containers'), ...listAt(pod, 'initContainers')]
    .filter(isObject)
    .map(({ name }) => name);
  return [
    ...(operator === 'In' || operator === 'NotIn'
      ? []
      : [notSupported(`${path}.operator`, operator, ['In', 'NotIn'])]),
    ...(container !== undefined && !names.includes(container)
      ? [
          invalid(
            `${path}.containerName`,
            container,
            'must be one of the container or initContainer names in the pod template',
          ),
        ]
      : []),
    ...(values.length === 0
      ? [invalid(`${path}.values`, values, 'at least one value is required')]
      : []),
    ...values.flatMap((value, index) =>
      value === 0 && operator === 'In'
        ? [invalid(`${path}.values[${index}]`, value, 'must not be 0 for the In operator')]
        : [],
    ),
  ];
}

function successPolicyErrors(spec: Json | undefined, path: string): FieldError[] {
  if (!objectAt(spec, 'successPolicy')) return [];
  const at = `${path}.successPolicy`;
  if (textAt(spec, 'completionMode') !== 'Indexed')
    return [invalid(at, valueAt(spec, 'successPolicy'), 'requires indexed completion mode')];
  const rules = listAt(spec, 'successPolicy', 'rules');
  if (rules.length === 0) return [required(`${at}.rules`, 'at least one rules must be specified')];
  return rules.flatMap((rule, index) => successRuleErrors(rule, spec, `${at}.rules[${index}]`));
}

function successRuleErrors(rule: Json, spec: Json | undefined, path: string): FieldError[] {
  const indexes = textAt(rule, 'succeededIndexes');
  const count = valueAt(rule, 'succeededCount');
  if (indexes === undefined && count === undefined)
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  const completions = Number(valueAt(spec, 'completions') ?? 0);
  return [
    ...nonNegative(rule, path, 'succeededCount'),
    ...(indexes !== undefined && !areIndexes(indexes, completions)
      ? [
          invalid(
            `${path}.succeededIndexes`,
            indexes,
            `must be rising indexes below completions (${completions}), as 0,2-4`,
          ),
        ]
      : []),
  ];
}

function areIndexes(text: string, completions: number): boolean {
  let last = -1;
  for (const part of text.split(',')) {
    const [, first = '', end = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (first === '' || Number(first) <= last || Number(end) < Number(first)) return false;
    last = Number(end);
  }
  return last < completions;
}
