import { objectAt, sameJson, textAt, valueAt, type Json } from '../json.ts';
import { duplicate, forbidden, invalid, type FieldError } from './field-error.ts';
import { validateLabels } from './metadata.ts';
import { qualifiedName } from './names.ts';
import { each, oneOf, optional, requiredText } from './rules.ts';

export function validateNamespace(object: Json): FieldError[] {
  return each(objectAt(object, 'spec'), 'spec', 'finalizers', (name, path) =>
    typeof name === 'string'
      ? qualifiedName(name).map((complaint) => invalid(path, name, complaint))
      : [],
  );
}

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateNode(object: Json): FieldError[] {
  const seen = new Set<string>();
  return each(objectAt(object, 'spec'), 'spec', 'taints', (taint, path) => {
    const id = `${textAt(taint, 'key') ?? ''}:${textAt(taint, 'effect') ?? ''}`;
    const isRepeated = seen.has(id);
    seen.add(id);
    return [
      ...requiredText(taint, path, 'key', qualifiedName),
      ...validateLabels(`${path}.value`, { value: textAt(taint, 'value') ?? '' }),
      ...oneOf(taint, path, 'effect', taintEffects),
      ...(isRepeated
        ? [duplicate(path, taint, 'taints must be unique by key and effect pair')]
        : []),
    ];
  });
}

/** A node keeps the addresses and the provider identity it was first given. */
export function validateNodeUpdate(object: Json, held: Json): FieldError[] {
  return ['podCIDRs', 'providerID'].flatMap((field) => {
    const before = valueAt(objectAt(held, 'spec'), field);
    const next = valueAt(objectAt(object, 'spec'), field);
    if (before === undefined || before === '' || sameJson(before, next)) return [];
    return [
      forbidden(
        `spec.${field}`,
        'node updates may not change ' + field + ' except from "" to valid',
      ),
    ];
  });
}

export function validateLease(object: Json): FieldError[] {
  const spec = objectAt(object, 'spec');
  return [
    ...optional(spec, 'spec', 'leaseDurationSeconds', (seconds, path) =>
      typeof seconds === 'number' && seconds <= 0
        ? [invalid(path, seconds, 'must be greater than 0')]
        : [],
    ),
    ...optional(spec, 'spec', 'leaseTransitions', (count, path) =>
      typeof count === 'number' && count < 0
        ? [invalid(path, count, 'must be greater than or equal to 0')]
        : [],
    ),
  ];
}

export function validateEvent(object: Json): FieldError[] {
  const about = textAt(object, 'involvedObject', 'namespace') ?? '';
  const namespace = textAt(object, 'metadata', 'namespace') ?? '';
  const fits =
    about === '' ? namespace === 'default' || namespace === 'kube-system' : about === namespace;
  return fits || about === ''
    ? []
    : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}
