import { validateJobPolicies } from './job-policies.ts';
import { parseCronSchedule } from '@skerry/shared/cron-schedule';
import { isObject, listAt, objectAt, sameJson, textAt, valueAt, type Json } from '../json.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from './field-error.ts';
import { validateImmutable, validateSelector } from './metadata.ts';
import { validatePodTemplate } from './pod/pod.ts';
import { nonNegative, oneOf } from './rules.ts';

/** Checks a Deployment, ReplicaSet, DaemonSet or StatefulSet. */
export function validateWorkload(object: Json): FieldError[] {
  const spec = objectAt(object, 'spec');
  const claimed = listAt(spec, 'volumeClaimTemplates').flatMap(
    (claim) => textAt(claim, 'metadata', 'name') ?? [],
  );
  return [
    ...['replicas', 'minReadySeconds', 'revisionHistoryLimit'].flatMap((field) =>
      nonNegative(spec, 'spec', field),
    ),
    ...validateWorkloadSelector(spec),
    ...validatePodTemplate(valueAt(spec, 'template'), 'spec.template', claimed),
    ...validateRestartPolicy(spec, ['Always']),
  ];
}

function validateWorkloadSelector(spec: Json | undefined): FieldError[] {
  const selector = valueAt(spec, 'selector');
  if (!isObject(selector)) return [required('spec.selector')];
  const isEmpty =
    Object.keys(objectAt(selector, 'matchLabels') ?? {}).length === 0 &&
    valueAt(selector, 'matchExpressions') === undefined;
  if (isEmpty)
    return [invalid('spec.selector', selector, 'empty selector is invalid for deployment')];
  return [...validateSelector('spec.selector', selector), ...validateSelects(spec, selector)];
}

/** A workload must select the pods that it makes. */
function validateSelects(spec: Json | undefined, selector: Json): FieldError[] {
  const labels = objectAt(spec, 'template', 'metadata', 'labels') ?? {};
  const misses = Object.entries(objectAt(selector, 'matchLabels') ?? {}).some(
    ([key, value]) => valueAt(labels, key) !== value,
  );
  return misses
    ? [
        invalid(
          'spec.template.metadata.labels',
          labels,
          '`selector` does not match template `labels`',
        ),
      ]
    : [];
}

function validateRestartPolicy(spec: Json | undefined, supported: readonly string[]): FieldError[] {
  const policy = textAt(spec, 'template', 'spec', 'restartPolicy') ?? '';
  return policy === '' || supported.includes(policy)
    ? []
    : [notSupported('spec.template.spec.restartPolicy', policy, supported)];
}

/** What may change of a StatefulSet besides `template`, which has rules of its own. */
const setChanges = [
  ...['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit'],
  ...['persistentVolumeClaimRetentionPolicy', 'minReadySeconds'],
];

/** The names of a StatefulSet's pods and claims lead to what they have kept. */
export function validateStatefulSetUpdate(object: Json, held: Json): FieldError[] {
  const [spec, heldSpec] = [objectAt(object, 'spec') ?? {}, objectAt(held, 'spec') ?? {}];
  const isFixed = Object.keys({ ...spec, ...heldSpec })
    .filter((field) => !setChanges.includes(field))
    .every((field) => sameJson(valueAt(spec, field), valueAt(heldSpec, field)));
  const detail =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
  return isFixed ? [] : [forbidden('spec', detail)];
}

/** The selector of a workload is chosen once. */
export function validateWorkloadUpdate(object: Json, held: Json): FieldError[] {
  return validateImmutable(
    'spec.selector',
    valueAt(objectAt(object, 'spec'), 'selector'),
    valueAt(objectAt(held, 'spec'), 'selector'),
  );
}

export function validateJob(object: Json): FieldError[] {
  return validateJobSpec(valueAt(object, 'spec'), 'spec');
}

const jobCounts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
];

function validateJobSpec(spec: Json | undefined, path: string): FieldError[] {
  const policy = textAt(spec, 'template', 'spec', 'restartPolicy') ?? '';
  return [
    ...jobCounts.flatMap((field) => nonNegative(spec, path, field)),
    ...validatePodTemplate(valueAt(spec, 'template'), `${path}.template`),
    ...(policy === 'Always'
      ? [notSupported(`${path}.template.spec.restartPolicy`, policy, ['OnFailure', 'Never'])]
      : []),
    ...validateJobPolicies(spec, path),
  ];
}

const fixedFields = [
  'completions',
  'selector',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
];

/** What a job runs is chosen once. */
export function validateJobUpdate(object: Json, held: Json): FieldError[] {
  const [spec, heldSpec] = [objectAt(object, 'spec'), objectAt(held, 'spec')];
  const isFixed = valueAt(heldSpec, 'suspend') !== true;
  return [
    ...fixedFields.flatMap((field) =>
      validateImmutable(`spec.${field}`, valueAt(spec, field), valueAt(heldSpec, field)),
    ),
    ...(isFixed && !sameJson(valueAt(spec, 'template'), valueAt(heldSpec, 'template'))
      ? [invalid('spec.template', valueAt(spec, 'template'), 'field is immutable')]
      : []),
  ];
}

export function validateCronJob(object: Json): FieldError[] {
  const spec = objectAt(object, 'spec');
  const schedule = textAt(spec, 'schedule') ?? '';
  return [
    ...(schedule === '' ? [required('spec.schedule')] : validateSchedule(schedule)),
    ...validateTimeZone(textAt(spec, 'timeZone')),
    ...oneOf({ concurrencyPolicy: 'Allow', ...spec }, 'spec', 'concurrencyPolicy', [
      'Allow',
      'Forbid',
      'Replace',
    ]),
    ...['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'].flatMap(
      (field) => nonNegative(spec, 'spec', field),
    ),
    ...validateJobSpec(valueAt(objectAt(spec, 'jobTemplate'), 'spec'), 'spec.jobTemplate.spec'),
  ];
}

function validateSchedule(schedule: string): FieldError[] {
  const complain = (why: string): FieldError[] => [invalid('spec.schedule', schedule, why)];
  if (/^(CRON_)?TZ=/.test(schedule.trim()))
    return complain('cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
  const fields = schedule.trim().split(/\s+/);
  if (!schedule.startsWith('@') && fields.length !== 5)
    return complain(`expected exactly 5 fields, found ${fields.length}: ${JSON.stringify(fields)}`);
  return parseCronSchedule(schedule)
    ? []
    : complain('not a schedule: a field is out of its range, or not a number, a range or a step');
}

function validateTimeZone(timeZone: string | undefined): FieldError[] {
  if (timeZone === undefined || parseCronSchedule('@daily', timeZone)) return [];
  return [invalid('spec.timeZone', timeZone, `unknown time zone ${timeZone}`)];
}
