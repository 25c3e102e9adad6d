import { isObject, objectAt, textAt, valueAt, type Json } from '../../json.ts';
import { invalid, notSupported, required, type FieldError } from '../field-error.ts';
import { configMapKey, dnsSubdomain, envVarName } from '../names.ts';
import { each, optional, optionalText, requiredText } from '../rules.ts';

/** Checks `env` and `envFrom` of a container. */
export function validateEnvironment(container: Json, path: string): FieldError[] {
  return [
    ...each(container, path, 'env', (variable, at) => [
      ...requiredText(variable, at, 'name', envVarName),
      ...optional(variable, at, 'valueFrom', (source, field) => [
        ...((textAt(variable, 'value') ?? '') === ''
          ? []
          : [invalid(field, '', 'may not be specified when `value` is not empty')]),
        ...validateSource(source, field),
      ]),
    ]),
    ...each(container, path, 'envFrom', validateEnvFrom),
  ];
}

const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];

function validateSource(source: Json, path: string): FieldError[] {
  const given = sources.filter((kind) => isObject(valueAt(source, kind)));
  const [first] = given;
  if (first === undefined)
    return [
      invalid(
        path,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    ];
  const many =
    given.length > 1
      ? [invalid(path, '', 'may not have more than one field specified at a time')]
      : [];
  return [...many, ...validateReference(first, objectAt(source, first), `${path}.${first}`)];
}

function validateReference(kind: string, reference: Json | undefined, path: string): FieldError[] {
  switch (kind) {
    case 'fieldRef':
      return validateFieldRef(reference, path, envFields);
    case 'resourceFieldRef':
      return requiredText(reference, path, 'resource');
    case 'fileKeyRef':
      return ['volumeName', 'path', 'key'].flatMap((field) => requiredText(reference, path, field));
    default:
      return [
        ...optionalText(reference, path, 'name', dnsSubdomain),
        ...requiredText(reference, path, 'key', configMapKey),
      ];
  }
}

const metadataFields = ['metadata.name', 'metadata.namespace', 'metadata.uid'];

/** Fields of a pod that an environment variable may show. */
const envFields = [
  ...metadataFields,
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** Fields of a pod that a file in a volume may show. */
export const volumeFields: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  ...metadataFields,
];

/** Checks a reference to a field of the pod, labels and annotations by key included. */
export function validateFieldRef(
  reference: Json | undefined,
  path: string,
  fields: readonly string[],
): FieldError[] {
  const fieldPath = textAt(reference, 'fieldPath') ?? '';
  if (fieldPath === '') return [required(`${path}.fieldPath`)];
  if (/^metadata\.(labels|annotations)\['[^']+'\]$/.test(fieldPath)) return [];
  return fields.includes(fieldPath) ? [] : [notSupported(`${path}.fieldPath`, fieldPath, fields)];
}

function validateEnvFrom(source: Json, path: string): FieldError[] {
  const given = ['configMapRef', 'secretRef'].filter((kind) => isObject(valueAt(source, kind)));
  const [first] = given;
  if (first === undefined)
    return [invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')];
  const many =
    given.length > 1
      ? [invalid(path, '', 'may not have more than one field specified at a time')]
      : [];
  return [
    ...optionalText(source, path, 'prefix', envVarName),
    ...many,
    ...requiredText(objectAt(source, first), `${path}.${first}`, 'name', dnsSubdomain),
  ];
}
