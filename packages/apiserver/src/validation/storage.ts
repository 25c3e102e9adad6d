import { parseQuantity } from '@skerry/shared/kube/quantity';
import {
  isObject,
  listAt,
  objectAt,
  sameJson,
  textAt,
  valueAt,
  type Json,
  type JsonObject,
} from '../json.ts';
import { forbidden, invalid, required, type FieldError } from './field-error.ts';
import { validateSelector } from './metadata.ts';
import { each, oneOf, optionalOneOf } from './rules.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const volumeModes = ['Block', 'Filesystem'];
const policies = ['Delete', 'Recycle', 'Retain'];
/** Of a volume's spec, all that is not about where its bytes are. */
const others = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]);
const unchangeable =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

export function validatePersistentVolume(object: Json): FieldError[] {
  const spec = objectAt(object, 'spec') ?? {};
  const sources = sourcesOf(spec);
  return [
    ...modesOf(spec),
    ...sizeErrors(valueAt(spec, 'capacity', 'storage'), 'spec.capacity'),
    ...(sources.length === 0 ? [required('spec', 'must specify a volume type')] : []),
    ...sources
      .slice(1)
      .map((source) => forbidden(`spec.${source}`, 'may not specify more than 1 volume type')),
    ...pathErrors(spec),
    ...optionalOneOf(spec, 'spec', 'persistentVolumeReclaimPolicy', policies),
    ...optionalOneOf(spec, 'spec', 'volumeMode', volumeModes),
  ];
}

export function validatePersistentVolumeUpdate(object: Json, held: Json): FieldError[] {
  const [spec, before] = [objectAt(object, 'spec') ?? {}, objectAt(held, 'spec') ?? {}];
  const affinity = valueAt(before, 'nodeAffinity');
  return [
    ...(sameJson(sourceOf(spec), sourceOf(before))
      ? []
      : [
          forbidden(
            'spec.persistentvolumesource',
            'spec.persistentvolumesource is immutable after creation',
          ),
        ]),
    ...(sameJson(valueAt(spec, 'volumeMode'), valueAt(before, 'volumeMode'))
      ? []
      : [invalid('spec.volumeMode', valueAt(spec, 'volumeMode'), 'field is immutable')]),
    ...(affinity === undefined || sameJson(valueAt(spec, 'nodeAffinity'), affinity)
      ? []
      : [invalid('spec.nodeAffinity', valueAt(spec, 'nodeAffinity'), 'field is immutable')]),
  ];
}

export function validatePersistentVolumeClaim(object: Json): FieldError[] {
  const spec = objectAt(object, 'spec') ?? {};
  const selector = valueAt(spec, 'selector');
  const size = valueAt(spec, 'resources', 'requests', 'storage');
  return [
    ...modesOf(spec),
    ...(selector === undefined ? [] : validateSelector('spec.selector', selector)),
    ...sizeErrors(size, 'spec.resources'),
    ...optionalOneOf(spec, 'spec', 'volumeMode', volumeModes),
  ];
}

/**
 * A claim stays what it was, but that it is given its volume and its class once, and may ask for more
 * when it is bound.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims
 */
export function validatePersistentVolumeClaimUpdate(object: Json, held: Json): FieldError[] {
  const [spec, before] = [objectAt(object, 'spec') ?? {}, objectAt(held, 'spec') ?? {}];
  const given = givenOnce(spec, before);
  const isBound = textAt(held, 'status', 'phase') === 'Bound';
  const settled = isBound ? withRequests(spec, given) : given;
  if (!sameJson(settled, spec)) return [forbidden('spec', unchangeable)];
  const path = 'spec.resources.requests.storage';
  return bytesOf(spec) < bytesOf(before)
    ? [forbidden(path, 'field can not be less than previous value')]
    : [];
}

/** `before` with what `spec` may say for the first time. */
function givenOnce(spec: JsonObject, before: JsonObject): JsonObject {
  const isOpen = (textAt(before, 'volumeName') ?? '') === '';
  const volumeName = isOpen ? spec['volumeName'] : before['volumeName'];
  const className = before['storageClassName'] ?? spec['storageClassName'];
  const { volumeName: _name, storageClassName: _class, ...rest } = before;
  return {
    ...rest,
    ...(volumeName === undefined ? {} : { volumeName }),
    ...(className === undefined ? {} : { storageClassName: className }),
  };
}

function withRequests(spec: JsonObject, before: JsonObject): JsonObject {
  const requests = valueAt(spec, 'resources', 'requests');
  const resources = objectAt(before, 'resources') ?? {};
  const { volumeAttributesClassName: _old, ...rest } = before;
  const attributes = spec['volumeAttributesClassName'];
  return {
    ...rest,
    resources: { ...resources, ...(requests === undefined ? {} : { requests }) },
    ...(attributes === undefined ? {} : { volumeAttributesClassName: attributes }),
  };
}

function bytesOf(spec: JsonObject): bigint {
  const text = textAt(spec, 'resources', 'requests', 'storage') ?? '0';
  return parseQuantity(text)?.nanos ?? 0n;
}

function modesOf(spec: JsonObject): FieldError[] {
  if (listAt(spec, 'accessModes').length === 0)
    return [required('spec.accessModes', 'at least 1 access mode is required')];
  return each(spec, 'spec', 'accessModes', (mode, path) =>
    oneOf({ mode }, '', 'mode', accessModes).map((error) => ({ ...error, field: path })),
  );
}

function sizeErrors(size: Json | undefined, path: string): FieldError[] {
  const at = `${path}[storage]`;
  if (size === undefined || size === null) return [required(at)];
  const amount = typeof size === 'string' ? parseQuantity(size)?.nanos : undefined;
  return amount !== undefined && amount <= 0n
    ? [invalid(at, size, 'must be greater than zero')]
    : [];
}

function pathErrors(spec: JsonObject): FieldError[] {
  const local = textAt(spec, 'local', 'path');
  const affinity = objectAt(spec, 'nodeAffinity', 'required');
  return [
    ...['local', 'hostPath'].flatMap((source) => {
      if (!isObject(spec[source])) return [];
      const path = textAt(spec, source, 'path') ?? '';
      if (path === '') return [required(`spec.${source}.path`)];
      return path.split('/').includes('..')
        ? [invalid(`spec.${source}.path`, path, "must not contain '..'")]
        : [];
    }),
    ...(local !== undefined && affinity === undefined
      ? [required('spec.nodeAffinity', 'Local volume requires node affinity')]
      : []),
  ];
}

function sourcesOf(spec: JsonObject): string[] {
  return Object.keys(spec).filter((field) => !others.has(field) && isObject(spec[field]));
}

function sourceOf(spec: JsonObject): JsonObject {
  return Object.fromEntries(sourcesOf(spec).map((field) => [field, spec[field] ?? null]));
}
