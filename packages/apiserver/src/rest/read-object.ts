import type { KubeObject } from '../json.ts';
import { cannotBeHandled } from '../refusals.ts';
import type { Resource } from '../registry/resource.ts';
import { applyDefaults } from '../schema/apply-defaults.ts';
import { builtinSchema, metadataSchema } from '../schema/builtin-schema.ts';
import { prune, strictDecodingError, unknownFields } from '../schema/prune.ts';
import type { Schema } from '../schema/schema.ts';
import { toTyped } from '../schema/typed.ts';
import { decodeErrors } from '../validation/decode-errors.ts';
import type { Call } from './call.ts';
import type { FieldValidation } from './options.ts';

/**
 * An object as its schema reads it: without the fields that the schema does not know, of which the
 * client is warned, or for which it is refused, as it asked; a custom resource with its defaults.
 * Throws BadRequest when a field of a built-in kind has the wrong type.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
 */
export function readObject(
  call: Call,
  object: KubeObject,
  validation: FieldValidation,
): KubeObject {
  checkFields(call, object, validation);
  const { custom } = call.resource;
  return custom ? readCustom(object, custom.schema) : typedForm(call.resource, object);
}

/** The refusals and warnings of `readObject` alone. */
export function checkFields(call: Call, object: KubeObject, validation: FieldValidation): void {
  const { custom, group, kind } = call.resource;
  const schema = custom?.schema ?? builtinSchema(group, kind);
  if (!schema) return;
  const [wrong] = custom ? [] : decodeErrors(group, kind, object);
  if (wrong !== undefined) throw cannotBeHandled(call.resource, wrong);
  const unknown = validation === 'Ignore' ? [] : unknownFields(object, schema);
  if (unknown.length > 0 && validation === 'Strict')
    throw cannotBeHandled(call.resource, strictDecodingError(unknown));
  call.warnings.push(...unknown.map((path) => `unknown field "${path}"`));
}

/**
 * An object of a built-in kind as typed structs would print it; of a custom resource only the metadata,
 * which is a struct, too.
 */
export function typedForm({ custom, group, kind }: Resource, object: KubeObject): KubeObject {
  const schema = custom ? undefined : builtinSchema(group, kind);
  if (schema) return toTyped(object, schema) as KubeObject;
  const metadata = toTyped(object.metadata, metadataSchema) as KubeObject['metadata'];
  return { ...object, metadata };
}

function readCustom(object: KubeObject, schema: Schema): KubeObject {
  const { kind, apiVersion, metadata } = object;
  const read = applyDefaults(prune(object, schema), schema) as KubeObject;
  return { ...read, kind, apiVersion, metadata };
}
