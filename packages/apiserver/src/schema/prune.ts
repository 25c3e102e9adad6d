import { isObject, type Json, type JsonObject } from '../json.ts';
import { metadataSchema } from './builtin-schema.ts';
import { memberSchema, type Schema } from './schema.ts';

/**
 * The schema that a whole object is walked with: that of its definition, where every object's
 * envelope (`apiVersion`, `kind`, `metadata`) is known without being named.
 */
export function withEnvelope(schema: Schema): Schema {
  const { metadata, ...properties } = schema.properties ?? {};
  return {
    ...schema,
    properties: {
      ...properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: {
        ...metadataSchema,
        properties: { ...metadataSchema.properties, ...metadata?.properties },
      },
    },
  };
}

/** The schema below which unknown members count: an embedded object brings its envelope. */
function walkable(schema: Schema): Schema {
  return schema['x-kubernetes-embedded-resource'] === true ? withEnvelope(schema) : schema;
}

/** Whether members that the schema does not name are kept. */
function keepsUnknown(schema: Schema): boolean {
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true
  );
}

/**
 * An object without the fields its schema does not know. The schema is that of the whole object.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
 */
export function prune(object: Json, schema: Schema): Json {
  return pruned(object, withEnvelope(schema));
}

function pruned(value: Json, schema: Schema): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.map((item) => pruned(item, walkable(items))) : value;
  }
  return isObject(value) ? prunedObject(value, schema) : value;
}

function prunedObject(value: JsonObject, schema: Schema): JsonObject {
  const isOpen = keepsUnknown(schema);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const known = memberSchema(schema, key);
      if (known) return [[key, pruned(item, walkable(known))]];
      return isOpen ? [[key, item]] : [];
    }),
  );
}

/**
 * Paths of the fields that an object's schema does not know, for example `spec.containers[0].nmae`.
 * `schema` is that of the whole object; those of built-in kinds name the envelope themselves.
 */
export function unknownFields(object: Json, schema: Schema): string[] {
  const found: string[] = [];
  const whole = schema.definition === undefined ? withEnvelope(schema) : schema;
  findUnknown(object, whole, [], found);
  return found;
}

/** Adds the paths of unknown fields to `found`; `path` is where `value` stands, and as it was afterwards. */
function findUnknown(value: Json, schema: Schema, path: string[], found: string[]): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return;
    value.forEach((item, index) => {
      path.push(`[${index}]`);
      findUnknown(item, walkable(items), path, found);
      path.pop();
    });
  } else if (isObject(value) && !isOpaque(schema)) {
    const isOpen = keepsUnknown(schema);
    for (const key of Object.keys(value)) {
      const known = memberSchema(schema, key);
      path.push(`.${key}`);
      if (known) findUnknown(value[key] ?? null, walkable(known), path, found);
      else if (!isOpen) found.push(path.join('').slice(1));
      path.pop();
    }
  }
}

/** A schema that says nothing of members, as that of a value that has another type. */
function isOpaque({ type, properties }: Schema): boolean {
  return type !== undefined && type !== 'object' && properties === undefined;
}

/** What strict validation says of unknown fields. */
export function strictDecodingError(paths: readonly string[]): string {
  const fields = paths.map((path) => `unknown field "${path}"`);
  return `strict decoding error: ${fields.join(', ')}`;
}
