import { listAt, objectAt, textAt, type Json, type KubeObject } from '../json.ts';
import { structuralSchema } from '../schema/structural.ts';
import { validateRules } from '../schema/rule-checks.ts';
import {
  duplicate,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../validation/field-error.ts';

/**
 * What is wrong with a CustomResourceDefinition, apart from its schemas.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
 */
export function validateDefinition(object: KubeObject): FieldError[] {
  const spec = objectAt(object, 'spec') ?? {};
  const group = textAt(spec, 'group') ?? '';
  const plural = textAt(spec, 'names', 'plural') ?? '';
  const versions = listAt(spec, 'versions');
  return [
    ...nameErrors(object.metadata.name ?? '', plural, group),
    ...missing(spec, 'spec', ['group']),
    ...scopeErrors(textAt(spec, 'scope') ?? ''),
    ...missing(objectAt(spec, 'names'), 'spec.names', ['plural', 'kind']),
    ...storageErrors(versions),
    ...versions.flatMap(versionErrors(versions)),
  ];
}

function nameErrors(name: string, plural: string, group: string): FieldError[] {
  const expected = `${plural}.${group}`;
  if (name === expected) return [];
  return [invalid('metadata.name', name, `must be spec.names.plural+"."+spec.group`)];
}

function scopeErrors(scope: string): FieldError[] {
  if (scope === '') return [required('spec.scope')];
  const scopes = ['Cluster', 'Namespaced'];
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)];
}

function missing(parent: Json | undefined, path: string, fields: readonly string[]): FieldError[] {
  return fields
    .filter((field) => (textAt(parent, field) ?? '') === '')
    .map((field) => required(`${path}.${field}`));
}

function schemaErrors(schema: Json | undefined, path: string): readonly FieldError[] {
  if (schema === undefined) return [required(path, 'schemas are required')];
  const { errors, schema: read } = structuralSchema(schema, path);
  return errors.length > 0 ? errors : validateRules(read, path);
}

function storageErrors(versions: readonly Json[]): FieldError[] {
  const stored = versions.filter((version) => objectAt(version)?.['storage'] === true);
  if (stored.length === 1) return [];
  return [
    invalid(
      'spec.versions',
      [...versions],
      'must have exactly one version marked as storage version',
    ),
  ];
}

function versionErrors(versions: readonly Json[]): (version: Json, index: number) => FieldError[] {
  const names = versions.map((version) => textAt(version, 'name') ?? '');
  return (version, index) => {
    const path = `spec.versions[${index}]`;
    const name = names[index] ?? '';
    const repeated = names.indexOf(name) < index ? [duplicate(`${path}.name`, name)] : [];
    const schema = objectAt(version, 'schema', 'openAPIV3Schema');
    return [
      ...(/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)
        ? repeated
        : [invalid(`${path}.name`, name, 'must be a DNS-1035 label')]),
      ...schemaErrors(schema, `${path}.schema.openAPIV3Schema`),
    ];
  };
}
