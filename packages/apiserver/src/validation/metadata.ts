import { isObject, listAt, objectAt, sameJson, textAt, valueAt, type Json } from '../json.ts';
import {
  complaints,
  forbidden,
  invalid,
  required,
  tooLong,
  type FieldError,
} from './field-error.ts';
import {
  annotationKey,
  asPrefix,
  dnsLabel,
  labelValueRule,
  qualifiedName,
  type NameRule,
} from './names.ts';

/** What all annotations of an object may hold together. */
export const maxAnnotationBytes: number = 256 * 1024;

/** Checks an object's metadata. `nameRule` is that of its kind; the name must have been made already. */
export function validateMetadata(metadata: Json | undefined, nameRule: NameRule): FieldError[] {
  const namespace = textAt(metadata, 'namespace') ?? '';
  return [
    ...validateName(metadata, nameRule),
    ...(namespace === '' ? [] : complaints('metadata.namespace', namespace, dnsLabel)),
    ...validateLabels('metadata.labels', valueAt(metadata, 'labels')),
    ...validateAnnotations('metadata.annotations', valueAt(metadata, 'annotations')),
    ...validateOwners(listAt(metadata, 'ownerReferences')),
    ...validateFinalizers(listAt(metadata, 'finalizers')),
  ];
}

function validateName(metadata: Json | undefined, nameRule: NameRule): FieldError[] {
  const [name, prefix] = [textAt(metadata, 'name') ?? '', textAt(metadata, 'generateName') ?? ''];
  const ofPrefix =
    prefix === '' ? [] : complaints('metadata.generateName', prefix, asPrefix(nameRule));
  if (name !== '') return [...ofPrefix, ...complaints('metadata.name', name, nameRule)];
  return [...ofPrefix, required('metadata.name', 'name or generateName is required')];
}

/** Checks keys and values of labels, wherever they are. */
export function validateLabels(path: string, labels: Json | undefined): FieldError[] {
  return Object.entries(isObject(labels) ? labels : {}).flatMap(([key, value]) => [
    ...complaints(path, key, qualifiedName),
    ...(typeof value === 'string' ? complaints(path, value, labelValueRule) : []),
  ]);
}

export function validateAnnotations(path: string, annotations: Json | undefined): FieldError[] {
  const entries = Object.entries(isObject(annotations) ? annotations : {});
  const bytes = entries
    .flat()
    .map((text) => (typeof text === 'string' ? Buffer.byteLength(text) : 0));
  const isTooLong = bytes.reduce((sum, length) => sum + length, 0) > maxAnnotationBytes;
  return [
    ...entries.flatMap(([key]) => complaints(path, key, annotationKey)),
    ...(isTooLong ? [tooLong(path, maxAnnotationBytes)] : []),
  ];
}

function validateOwners(owners: Json[]): FieldError[] {
  const path = 'metadata.ownerReferences';
  const controllers = owners.filter((owner) => valueAt(owner, 'controller') === true);
  const [first, second] = controllers.map(
    (owner) => `${textAt(owner, 'kind') ?? ''}/${textAt(owner, 'name') ?? ''}`,
  );
  return [
    ...owners.flatMap((owner) => [
      ...whenEmpty(owner, 'apiVersion', 'version must not be empty'),
      ...['kind', 'name', 'uid'].flatMap((field) => whenEmpty(owner, field, 'must not be empty')),
    ]),
    ...(first === undefined || second === undefined
      ? []
      : [
          invalid(
            path,
            owners,
            `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`,
          ),
        ]),
  ];
}

function whenEmpty(owner: Json, field: string, complaint: string): FieldError[] {
  const value = textAt(owner, field) ?? '';
  return value === '' ? [invalid(`metadata.ownerReferences.${field}`, value, complaint)] : [];
}

function validateFinalizers(finalizers: Json[]): FieldError[] {
  const path = 'metadata.finalizers';
  const names = finalizers.filter((name) => typeof name === 'string');
  const both = names.includes('orphan') && names.includes('foregroundDeletion');
  return [
    ...names.flatMap((name) => complaints(path, name, qualifiedName)),
    ...(both
      ? [invalid(path, names, 'finalizer orphan and foregroundDeletion cannot be both set')]
      : []),
  ];
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** Built-in kinds also ask that finalizers belong to somebody: those of custom resources need not. */
export function validateFinalizerOwners(metadata: Json | undefined): FieldError[] {
  return listAt(metadata, 'finalizers').flatMap((name, index) =>
    typeof name === 'string' && !name.includes('/') && !standardFinalizers.includes(name)
      ? [
          invalid(
            `metadata.finalizers[${index}]`,
            name,
            'name is neither a standard finalizer name nor is it fully qualified',
          ),
        ]
      : [],
  );
}

/** Fields of the metadata that no update may change, beside those the server sets itself. */
const immutable = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** Checks what an update does to an object's metadata. */
export function validateMetadataUpdate(
  metadata: Json | undefined,
  held: Json | undefined,
): FieldError[] {
  return [
    ...validateNoNewFinalizers(metadata, held),
    ...immutable.flatMap((field) =>
      validateImmutable(`metadata.${field}`, valueAt(metadata, field), valueAt(held, field)),
    ),
  ];
}

function validateNoNewFinalizers(metadata: Json | undefined, held: Json | undefined): FieldError[] {
  if (valueAt(held, 'deletionTimestamp') === undefined) return [];
  const known = new Set(listAt(held, 'finalizers'));
  const added = [...new Set(listAt(metadata, 'finalizers'))].filter((name) => !known.has(name));
  if (added.length === 0) return [];
  // The list is shown as Go would write it.
  const shown = added.map((name) => JSON.stringify(name)).sort();
  return [
    forbidden(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown.join(', ')}}`,
    ),
  ];
}

/** The complaint about a field that changed and must not. */
export function validateImmutable(
  path: string,
  value: Json | undefined,
  held: Json | undefined,
): FieldError[] {
  return sameJson(value, held) ? [] : [invalid(path, value, 'field is immutable')];
}

/** Checks a label selector: keys, values and operators. */
export function validateSelector(path: string, selector: Json | undefined): FieldError[] {
  return [
    ...validateLabels(`${path}.matchLabels`, objectAt(selector, 'matchLabels')),
    ...listAt(selector, 'matchExpressions').flatMap((requirement, index) =>
      validateRequirement(`${path}.matchExpressions[${index}]`, requirement),
    ),
  ];
}

function validateRequirement(path: string, requirement: Json): FieldError[] {
  const operator = textAt(requirement, 'operator') ?? '';
  const count = listAt(requirement, 'values').length;
  const ofKey = complaints(`${path}.key`, textAt(requirement, 'key') ?? '', qualifiedName);
  if (operator === 'In' || operator === 'NotIn')
    return count > 0
      ? ofKey
      : [
          required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
          ...ofKey,
        ];
  if (operator === 'Exists' || operator === 'DoesNotExist')
    return count === 0
      ? ofKey
      : [
          forbidden(
            `${path}.values`,
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
          ...ofKey,
        ];
  return [invalid(`${path}.operator`, operator, 'not a valid selector operator'), ...ofKey];
}
