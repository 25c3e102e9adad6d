import { objectAt, textAt, valueAt, type Json } from '../../json.ts';
import { invalid, required, type FieldError } from '../field-error.ts';
import { each, nonNegative, oneOf, optional, optionalOneOf } from '../rules.ts';

/** Checks the security options of a container. */
export function validateContainerSecurity(container: Json, path: string): FieldError[] {
  return optional(container, path, 'securityContext', (context, at) => [
    ...validateIds(context, at),
    ...optionalOneOf(context, at, 'procMount', ['Default', 'Unmasked']),
    ...validateEscalation(context, at),
  ]);
}

/** Checks the security options of a pod. */
export function validatePodSecurity(spec: Json | undefined, path: string): FieldError[] {
  return optional(spec, path, 'securityContext', (context, at) => [
    ...validateIds(context, at),
    ...idIn(context, at, 'fsGroup'),
    ...each(context, at, 'supplementalGroups', (group, field) => validateId(group, field)),
    ...optionalOneOf(context, at, 'fsGroupChangePolicy', ['Always', 'OnRootMismatch']),
    ...optionalOneOf(context, at, 'supplementalGroupsPolicy', ['Merge', 'Strict']),
  ]);
}

function validateIds(context: Json, path: string): FieldError[] {
  return [
    ...idIn(context, path, 'runAsUser'),
    ...idIn(context, path, 'runAsGroup'),
    ...optional(context, path, 'seccompProfile', validateProfile),
    ...optional(context, path, 'appArmorProfile', validateProfile),
  ];
}

function validateProfile(profile: Json, path: string): FieldError[] {
  const isLocal = textAt(profile, 'type') === 'Localhost';
  const name = textAt(profile, 'localhostProfile') ?? '';
  return [
    ...oneOf(profile, path, 'type', ['Localhost', 'RuntimeDefault', 'Unconfined']),
    ...(isLocal && name === ''
      ? [required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost')]
      : []),
  ];
}

function idIn(context: Json, path: string, field: string): FieldError[] {
  return optional(context, path, field, validateId);
}

const largestId = 2_147_483_647;

function validateId(id: Json, path: string): FieldError[] {
  return typeof id === 'number' && id >= 0 && id <= largestId
    ? []
    : [invalid(path, id, `must be between 0 and ${largestId}, inclusive`)];
}

function validateEscalation(context: Json, path: string): FieldError[] {
  if (valueAt(context, 'allowPrivilegeEscalation') !== false) return [];
  const added = valueAt(objectAt(context, 'capabilities'), 'add');
  const isAdmin = Array.isArray(added) && added.includes('CAP_SYS_ADMIN');
  if (valueAt(context, 'privileged') === true)
    return [
      invalid(
        path,
        context,
        'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
      ),
    ];
  return isAdmin
    ? [
        invalid(
          path,
          context,
          'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
        ),
      ]
    : [];
}

/** Checks the seconds that a pod gets for its whole life and for its end. */
export function validateSeconds(spec: Json | undefined, path: string): FieldError[] {
  const deadline = valueAt(spec, 'activeDeadlineSeconds');
  const isWrong = typeof deadline === 'number' && (deadline < 1 || deadline > largestId);
  return [
    ...nonNegative(spec, path, 'terminationGracePeriodSeconds'),
    ...(isWrong
      ? [
          invalid(
            `${path}.activeDeadlineSeconds`,
            deadline,
            `must be between 1 and ${largestId}, inclusive`,
          ),
        ]
      : []),
  ];
}
