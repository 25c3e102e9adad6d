import { isObject, member, type Json } from '../json.ts';
import { forbidden, invalid, required, type FieldError } from '../validation/field-error.ts';
import { readSchema } from './read-schema.ts';
import type { Schema } from './schema.ts';

/** A schema as a definition brings it, and why it is not structural; no errors: it is. */
export interface StructuralReading {
  readonly schema: Schema;
  readonly errors: readonly FieldError[];
}

/**
 * Reads a definition's `openAPIV3Schema`. It must be structural: every field, element and value has a
 * type of its own, and `allOf`, `anyOf`, `oneOf` and `not` only add rules for values.
 *
 * @param path where the schema stands, for the errors
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function structuralSchema(openAPIV3Schema: Json, path: string): StructuralReading {
  const schema = readSchema(openAPIV3Schema);
  const errors = [
    ...validateRoot(schema, path),
    ...validateNode(schema, openAPIV3Schema, path),
    ...validateMetadata(schema, path),
  ];
  return { schema, errors };
}

function validateRoot({ type, nullable }: Schema, path: string): FieldError[] {
  const ofNull = nullable
    ? [forbidden(`${path}.nullable`, 'nullable cannot be true at the root')]
    : [];
  if (type === undefined || type === '')
    return [...ofNull, required(`${path}.type`, 'must not be empty at the root')];
  return type === 'object'
    ? ofNull
    : [...ofNull, invalid(`${path}.type`, type, 'must be object at the root')];
}

/** Constructs of JSON schema that Kubernetes leaves out. */
const unsupported: readonly string[] = [
  '$ref',
  'additionalItems',
  'definitions',
  'dependencies',
  'id',
  'patternProperties',
];

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

function validateNode(schema: Schema, json: Json, path: string): FieldError[] {
  return [
    ...unsupported
      .filter((key) => member(json, key) !== undefined)
      .map((key) => forbidden(`${path}.${key}`, `${key} is not supported`)),
    ...validateType(schema, path),
    ...validateListType(schema, path),
    ...validateMembers(schema, json, path),
    ...validateElements(schema, json, path),
    ...validateJunctors(schema, json, path),
  ];
}

function validateType(schema: Schema, path: string): FieldError[] {
  const { type, uniqueItems } = schema;
  const isUnique = uniqueItems
    ? [
        forbidden(
          `${path}.uniqueItems`,
          'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
        ),
      ]
    : [];
  if (type === undefined || type === '' || types.includes(type)) return isUnique;
  const supported = types.map((one) => JSON.stringify(one)).join(', ');
  return [...isUnique, invalid(`${path}.type`, type, `must be one of ${supported}`)];
}

function validateListType(schema: Schema, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (listType !== 'map')
    return keys.length === 0
      ? []
      : [
          forbidden(
            `${path}.x-kubernetes-list-map-keys`,
            'must be empty unless x-kubernetes-list-type is map',
          ),
        ];
  if (keys.length === 0)
    return [
      required(
        `${path}.x-kubernetes-list-map-keys`,
        'must not be empty if x-kubernetes-list-type is map',
      ),
    ];
  const known = schema.items?.properties ?? {};
  return keys
    .filter((key) => !Object.hasOwn(known, key))
    .map((key) =>
      invalid(
        `${path}.x-kubernetes-list-map-keys`,
        [...keys],
        `entries must all be names of item properties: ${key}`,
      ),
    );
}

function validateMembers(schema: Schema, json: Json, path: string): FieldError[] {
  const { properties, additionalProperties } = schema;
  const members = member(json, 'properties');
  return [
    ...(properties && additionalProperties !== undefined && additionalProperties !== false
      ? [
          forbidden(
            `${path}.additionalProperties`,
            'additionalProperties and properties are mutual exclusive',
          ),
        ]
      : []),
    ...Object.entries(properties ?? {}).flatMap(([key, child]) =>
      validateTyped(child, member(members, key) ?? null, `${path}.properties[${key}]`, 'fields'),
    ),
    ...(typeof additionalProperties === 'object'
      ? validateTyped(
          additionalProperties,
          member(json, 'additionalProperties') ?? null,
          `${path}.additionalProperties`,
          'fields',
        )
      : []),
  ];
}

function validateElements({ type, items }: Schema, json: Json, path: string): FieldError[] {
  const given = member(json, 'items');
  if (Array.isArray(given))
    return [forbidden(`${path}.items`, 'items must be a schema object and not an array')];
  if (items) return validateTyped(items, given ?? null, `${path}.items`, 'array items');
  return type === 'array' ? [required(`${path}.items`, 'must be specified')] : [];
}

function validateTyped(schema: Schema, json: Json, path: string, what: string): FieldError[] {
  const isFree =
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  const isUntyped = schema.type === undefined || schema.type === '';
  const where = what === 'fields' ? 'specified object fields' : `specified ${what}`;
  return [
    ...(isUntyped && !isFree ? [required(`${path}.type`, `must not be empty for ${where}`)] : []),
    ...validateNode(schema, json, path),
  ];
}

/** What says what a value is, and so belongs outside `allOf` and its kin. */
const structural = ['type', 'default', 'nullable', 'description', 'title', 'additionalProperties'];

function validateJunctors(schema: Schema, json: Json, path: string): FieldError[] {
  const lists = ['allOf', 'anyOf', 'oneOf'].flatMap((key) => {
    const branches = member(json, key);
    return Array.isArray(branches)
      ? branches.map((branch, index) => [`${path}.${key}[${index}]`, branch] as const)
      : [];
  });
  const not = member(json, 'not');
  const branches = not === undefined ? lists : [...lists, [`${path}.not`, not] as const];
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true;
  return branches.flatMap(([at, branch]) => validateBranch(branch, at, isIntOrString));
}

function validateBranch(branch: Json, path: string, mayHaveType: boolean): FieldError[] {
  if (!isObject(branch)) return [];
  const taboo = structural.filter((key) => !(mayHaveType && key === 'type'));
  const members = member(branch, 'properties');
  const inside = isObject(members)
    ? Object.entries(members).map(([key, child]) => [`${path}.properties[${key}]`, child] as const)
    : [];
  const items = member(branch, 'items');
  return [
    ...taboo
      .filter((key) => member(branch, key) !== undefined)
      .map((key) => forbidden(`${path}.${key}`, 'must be empty to be structural')),
    ...[...inside, ...(items === undefined ? [] : [[`${path}.items`, items] as const])].flatMap(
      ([at, child]) => validateBranch(child, at, mayHaveType),
    ),
  ];
}

/** The root may restrict an object's name, but nothing else of its metadata. */
function validateMetadata({ properties = {} }: Schema, path: string): FieldError[] {
  const metadata = Object.hasOwn(properties, 'metadata') ? properties['metadata'] : undefined;
  const restricted = Object.keys(metadata?.properties ?? {});
  return restricted.every((key) => key === 'name' || key === 'generateName')
    ? []
    : [
        forbidden(
          `${path}.properties[metadata]`,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      ];
}
