import type { Json, JsonObject } from '../json.ts';
import type { Schema } from '../schema/schema.ts';

/** The two notations that a server describes itself in: Swagger 2.0 and OpenAPI 3.0. */
export type Dialect = 'v2' | 'v3';

/** Where a definition stands in a document. */
export function refTo(definition: string, dialect: Dialect): string {
  return `#/${dialect === 'v2' ? 'definitions' : 'components/schemas'}/${definition}`;
}

/** A schema as a field has it: named types by reference, beside what is said of the field. */
function renderSchema(schema: Schema, dialect: Dialect): JsonObject {
  if (schema.definition === undefined) return renderBody(schema, dialect);
  const said = { ...describe(schema), ...extensions(schema) };
  const $ref = refTo(schema.definition, dialect);
  if (dialect === 'v2') return { ...said, $ref };
  return Object.keys(said).length === 0 ? { $ref } : { ...said, allOf: [{ $ref }] };
}

/** A schema spelled out, as a definition has it. */
export function renderBody(schema: Schema, dialect: Dialect): JsonObject {
  const { type, format, properties, additionalProperties, items, required } = schema;
  return {
    ...describe(schema),
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...pick(schema, limits),
    ...(required === undefined || required.length === 0 ? {} : { required: [...required] }),
    ...(properties === undefined ? {} : { properties: renderAll(properties, dialect) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: renderOpen(additionalProperties, dialect) }),
    ...(items === undefined ? {} : { items: renderElement(items, dialect) }),
    // Swagger 2.0 has no such words.
    ...(dialect === 'v3' ? pick(schema, ['nullable', 'allOf', 'anyOf', 'oneOf', 'not']) : {}),
    ...extensions(schema),
  };
}

function renderAll(schemas: Readonly<Record<string, Schema>>, dialect: Dialect): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([key, schema]) => [key, renderSchema(schema, dialect)]),
  );
}

function renderOpen(schema: Schema | boolean, dialect: Dialect): Json {
  return typeof schema === 'boolean' ? schema : renderElement(schema, dialect);
}

/** Elements and values are the type itself: nothing is said of them beside it. */
function renderElement(schema: Schema, dialect: Dialect): JsonObject {
  const { definition } = schema;
  return definition === undefined
    ? renderBody(schema, dialect)
    : { $ref: refTo(definition, dialect) };
}

function describe(schema: Schema): JsonObject {
  return pick(schema, ['description', 'default']);
}

const limits = [
  'title',
  'enum',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
] as const;

function extensions(schema: Schema): JsonObject {
  const keys = Object.keys(schema).filter((key) => key.startsWith('x-kubernetes-'));
  return pick(schema, keys as (keyof Schema)[]);
}

function pick(schema: Schema, keys: readonly (keyof Schema)[]): JsonObject {
  const entries = keys.flatMap((key) => {
    const value = schema[key] as Json | undefined;
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}
