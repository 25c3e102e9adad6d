import {
  isObject,
  listAt,
  objectAt,
  sameJson,
  textAt,
  valueAt,
  type Json,
  type JsonObject,
} from '../../json.ts';
import { forbidden, invalid, required, type FieldError } from '../field-error.ts';
import { each } from '../rules.ts';
import { unifiedDiff } from '../unified-diff.ts';
import { dumpPodSpec } from './spec-dump.ts';

const onlyThese =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/**
 * Checks what an update does to a pod: hardly anything of its spec may change.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
 */
export function validatePodUpdate(pod: Json, held: Json): FieldError[] {
  const [spec, heldSpec] = [objectAt(pod, 'spec') ?? {}, objectAt(held, 'spec') ?? {}];
  const countChanged = ['containers', 'initContainers'].filter(
    (field) => listAt(spec, field).length !== listAt(heldSpec, field).length,
  );
  if (countChanged.length > 0)
    return countChanged.map((field) =>
      forbidden(`spec.${field}`, 'pod updates may not add or remove containers'),
    );
  const errors = [
    ...validateImages(spec),
    ...validateDeadline(spec, heldSpec),
    ...validateTolerations(spec, heldSpec),
  ];
  if (errors.length > 0) return errors;
  const changed = withChangeable(spec, heldSpec);
  if (sameJson(changed, heldSpec)) return [];
  const difference = unifiedDiff(dumpPodSpec(heldSpec), dumpPodSpec(changed));
  return [forbidden('spec', `${onlyThese}\n${difference}`)];
}

function validateImages(spec: JsonObject): FieldError[] {
  return ['containers', 'initContainers'].flatMap((field) =>
    each(spec, 'spec', field, (container, at) =>
      (textAt(container, 'image') ?? '') === '' ? [required(`${at}.image`)] : [],
    ),
  );
}

function validateDeadline(spec: JsonObject, held: JsonObject): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  const [next, before] = [spec['activeDeadlineSeconds'], held['activeDeadlineSeconds']];
  if (typeof before !== 'number') return [];
  if (typeof next !== 'number')
    return [invalid(path, next, 'must not update from a positive integer to nil value')];
  return next > before ? [invalid(path, next, 'must be less than or equal to previous value')] : [];
}

function validateTolerations(spec: JsonObject, held: JsonObject): FieldError[] {
  const next = listAt(spec, 'tolerations').map(withoutSeconds);
  const isKept = listAt(held, 'tolerations')
    .map(withoutSeconds)
    .every((toleration) => next.some((other) => sameJson(other, toleration)));
  return isKept
    ? []
    : [
        forbidden(
          'spec.tolerations',
          'existing toleration can not be modified except its tolerationSeconds',
        ),
      ];
}

function withoutSeconds(toleration: Json): Json {
  if (!isObject(toleration)) return toleration;
  const { tolerationSeconds: _, ...rest } = toleration;
  return rest;
}

/** The new spec with everything that may change set back to what it was. */
function withChangeable(spec: JsonObject, held: JsonObject): JsonObject {
  const setBack: Record<string, Json | undefined> = {
    ...spec,
    activeDeadlineSeconds: held['activeDeadlineSeconds'],
    tolerations: held['tolerations'],
    containers: withImages(spec['containers'], held['containers']),
    initContainers: withImages(spec['initContainers'], held['initContainers']),
  };
  const grace = held['terminationGracePeriodSeconds'];
  if (typeof grace === 'number' && grace < 0 && spec['terminationGracePeriodSeconds'] === 1)
    setBack['terminationGracePeriodSeconds'] = grace;
  return Object.fromEntries(
    Object.entries(setBack).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

function withImages(containers: Json | undefined, held: Json | undefined): Json | undefined {
  if (!Array.isArray(containers)) return containers;
  return containers.map((container, index) => {
    const image = valueAt(Array.isArray(held) ? held[index] : undefined, 'image');
    return isObject(container) && image !== undefined ? { ...container, image } : container;
  });
}
