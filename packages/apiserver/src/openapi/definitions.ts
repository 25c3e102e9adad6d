import type { JsonObject } from '../json.ts';
import type { Resource } from '../registry/resource.ts';
import { builtinSchema, structSchema } from '../schema/builtin-schema.ts';
import { memberSchema, type Schema } from '../schema/schema.ts';
import { refTo, renderBody, type Dialect } from './render-schema.ts';

/** A kind in one version. */
export interface SpokenKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Name of a kind in documents: that of its struct, or its group backwards with version and kind. */
export function definitionName({ group, version, kind }: SpokenKind): string {
  const known = builtinSchema(group, kind)?.definition;
  return known ?? [...group.split('.').toReversed(), version, kind].join('.');
}

/** `x-kubernetes-group-version-kind`, of which definitions have a list and operations one. */
export function kindExtension({ group, version, kind }: SpokenKind): JsonObject {
  return { group, version, kind };
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const listMeta = `${meta}.ListMeta`;
/** Definition of what a delete may carry. */
export const deleteOptions: string = `${meta}.DeleteOptions`;
/** Definition of what a delete answers. */
export const status: string = `${meta}.Status`;
/** Definition of what a patch is: any object, or a list of operations. */
export const patch: string = `${meta}.Patch`;

/** Every definition that the paths of these resources refer to, by name. */
export function definitionsOf(
  resources: readonly Resource[],
  dialect: Dialect,
): Record<string, JsonObject> {
  const definitions = scalarDefinitions(dialect);
  const structs = new Set<string>();
  for (const { spoken, schema } of resources.flatMap(spokenKinds)) {
    collectMembers(schema, structs);
    definitions[definitionName(spoken)] = {
      ...renderBody(named(schema), dialect),
      'x-kubernetes-group-version-kind': [kindExtension(spoken)],
    };
  }
  for (const name of [listMeta, deleteOptions, status]) collect(structSchema(name), structs);
  for (const name of structs) {
    const schema = structSchema(name);
    if (schema) definitions[name] ??= renderBody(named(schema), dialect);
  }
  for (const resource of resources) Object.assign(definitions, listDefinition(resource, dialect));
  return definitions;
}

function spokenKinds(resource: Resource): { spoken: SpokenKind; schema: Schema }[] {
  const others = resource.subresources.flatMap((subresource) => {
    const spoken = { ...resource, ...subresource };
    const schema = builtinSchema(spoken.group, spoken.kind);
    return schema ? [{ spoken, schema }] : [];
  });
  return [{ spoken: resource, schema: schemaOf(resource) }, ...others];
}

function schemaOf({ custom, group, kind }: Resource): Schema {
  if (!custom) return builtinSchema(group, kind) ?? { type: 'object' };
  const anyKind = builtinSchema('', 'ConfigMap');
  const envelope = ['apiVersion', 'kind', 'metadata'].flatMap((field) => {
    const schema = memberSchema(anyKind, field);
    return schema ? [[field, schema] as const] : [];
  });
  return {
    ...custom.schema,
    properties: { ...custom.schema.properties, ...Object.fromEntries(envelope) },
  };
}

/** Finds the types that a schema refers to; each is walked once. */
function collect(schema: Schema | undefined, found: Set<string>): void {
  if (schema === undefined) return;
  const { definition } = schema;
  if (definition !== undefined) {
    if (found.has(definition)) return;
    found.add(definition);
  }
  collectMembers(schema, found);
}

function collectMembers(schema: Schema, found: Set<string>): void {
  const { properties = {}, additionalProperties, items } = schema;
  for (const child of Object.values(properties)) collect(child, found);
  if (typeof additionalProperties === 'object') collect(additionalProperties, found);
  collect(items, found);
}

/** Descriptions of the fields of built-in kinds name the values they may have. */
function named(schema: Schema): Schema {
  if (schema.definition === undefined || !schema.properties) return schema;
  const properties = Object.entries(schema.properties).map(([key, field]) => {
    const values = field.enum?.map((value) => `\n - \`${JSON.stringify(value)}\``) ?? [];
    if (values.length === 0) return [key, field] as const;
    const description = `${field.description ?? ''}\n\nPossible enum values:${values.join('')}`;
    return [key, { ...field, description }] as const;
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function scalarDefinitions(dialect: Dialect): Record<string, JsonObject> {
  const textOr = (other: string): JsonObject =>
    dialect === 'v2' ? { type: 'string' } : { oneOf: [{ type: 'string' }, { type: other }] };
  const time = { type: 'string', format: 'date-time' };
  return {
    'io.k8s.apimachinery.pkg.api.resource.Quantity': {
      description: 'Quantity is a number with a unit suffix, such as 500m or 1.5Gi.',
      ...textOr('number'),
    },
    'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
      description: 'IntOrString is an integer or a string.',
      ...textOr('integer'),
      format: 'int-or-string',
    },
    [`${meta}.Time`]: { description: 'Time in RFC 3339, to the second.', ...time },
    [`${meta}.MicroTime`]: { description: 'Time in RFC 3339, to the microsecond.', ...time },
    [patch]: { description: 'Patch says what to change.', type: 'object' },
  };
}

function listDefinition(resource: Resource, dialect: Dialect): Record<string, JsonObject> {
  if (!resource.verbs.includes('list')) return {};
  const list = { ...resource, kind: resource.listKind };
  const items = { $ref: refTo(definitionName(resource), dialect) };
  return {
    [definitionName(list)]: {
      description: `${resource.listKind} is a list of ${resource.plural}.`,
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { type: 'string', description: 'Version of the list.' },
        kind: { type: 'string', description: 'Kind of the list.' },
        metadata: { $ref: refTo(listMeta, dialect) },
        items: { type: 'array', description: `The ${resource.plural}.`, items },
      },
      'x-kubernetes-group-version-kind': [kindExtension(list)],
    },
  };
}
