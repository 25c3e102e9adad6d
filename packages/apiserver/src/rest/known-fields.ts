import type { KubeObject } from '../json.ts';
import { badRequest } from '../refusals.ts';
import { applyDefaults } from '../schema/apply-defaults.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { prune, strictDecodingError, unknownFields } from '../schema/prune.ts';
import type { Schema } from '../schema/schema.ts';
import type { Call } from './call.ts';
import type { FieldValidation } from './options.ts';

/**
 * An object as its schema reads it: without the fields that the schema does not know, of which the
 * client is warned, or for which it is refused, as it asked; a custom resource with its defaults.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
 */
export function readFields(
  call: Call,
  object: KubeObject,
  validation: FieldValidation,
): KubeObject {
  const { custom, group, kind, version } = call.resource;
  const schema = custom?.schema ?? builtinSchema(group, kind);
  if (!schema) return object;
  const unknown = unknownFields(object, schema);
  if (unknown.length > 0 && validation === 'Strict')
    throw badRequest(
      `${kind} in version "${version}" cannot be handled as a ${kind}: ${strictDecodingError(unknown)}`,
    );
  if (validation === 'Warn')
    call.warnings.push(...unknown.map((path) => `unknown field "${path}"`));
  return custom ? readCustom(object, custom.schema) : object;
}

function readCustom(object: KubeObject, schema: Schema): KubeObject {
  const { kind, apiVersion, metadata } = object;
  const read = applyDefaults(prune(object, schema), schema) as KubeObject;
  return { ...read, kind, apiVersion, metadata };
}
