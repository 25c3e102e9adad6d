import { listAt, objectAt, textAt, type Json, type JsonObject, type KubeObject } from '../json.ts';
import { readSchema } from '../schema/read-schema.ts';
import type { Schema } from '../schema/schema.ts';
import { ValidationRules } from '../schema/validation-rules.ts';
import { storageName, type Resource, type Subresource, type Verb } from './resource.ts';

/** In the order in which discovery lists them for custom resources. */
const verbs: readonly Verb[] = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
];

/**
 * The rows of a CustomResourceDefinition: one for each served version, in the order of preference.
 * None until its names are accepted.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
export function definedResources(definition: KubeObject): readonly Resource[] {
  if (!isEstablished(definition)) return [];
  const names = objectAt(definition, 'status', 'acceptedNames') ?? {};
  const group = textAt(definition, 'spec', 'group') ?? '';
  const plural = textAt(names, 'plural') ?? '';
  const kind = textAt(names, 'kind') ?? '';
  const storedAs = `${group}/${storedVersion(definition)}`;
  return servedVersions(definition).map((version) => ({
    group,
    version: textAt(version, 'name') ?? '',
    plural,
    singular: textAt(names, 'singular') ?? kind.toLowerCase(),
    kind,
    listKind: textAt(names, 'listKind') ?? `${kind}List`,
    shortNames: texts(listAt(names, 'shortNames')),
    categories: texts(listAt(names, 'categories')),
    namespaced: textAt(definition, 'spec', 'scope') === 'Namespaced',
    verbs,
    subresources: subresourcesOf(version, kind),
    generation: true,
    storage: storageName(plural, group),
    selectable: selectableOf(version),
    custom: {
      ...{ definition, version, storedAs },
      schema: schemaOf(version),
      rules: new ValidationRules(),
    },
  }));
}

export function isEstablished(definition: KubeObject): boolean {
  return listAt(definition, 'status', 'conditions').some(
    (condition) =>
      textAt(condition, 'type') === 'Established' && textAt(condition, 'status') === 'True',
  );
}

export function versionsOf(definition: KubeObject): readonly JsonObject[] {
  return listAt(definition, 'spec', 'versions') as JsonObject[];
}

/** The name of the version in which objects are kept. */
export function storedVersion(definition: KubeObject): string {
  const stored = versionsOf(definition).find((version) => version['storage'] === true);
  return textAt(stored, 'name') ?? '';
}

function servedVersions(definition: KubeObject): readonly JsonObject[] {
  return versionsOf(definition)
    .filter((version) => version['served'] === true)
    .toSorted((a, b) => byVersionPriority(textAt(a, 'name') ?? '', textAt(b, 'name') ?? ''));
}

function schemaOf(version: JsonObject): Schema {
  return readSchema(objectAt(version, 'schema', 'openAPIV3Schema') ?? {});
}

function subresourcesOf(version: JsonObject, kind: string): readonly Subresource[] {
  const declared = objectAt(version, 'subresources') ?? {};
  const status: Subresource = { name: 'status', kind, verbs: ['get', 'patch', 'update'] };
  const scale: Subresource = {
    name: 'scale',
    kind: 'Scale',
    group: 'autoscaling',
    version: 'v1',
    verbs: ['get', 'patch', 'update'],
  };
  return [...('status' in declared ? [status] : []), ...('scale' in declared ? [scale] : [])];
}

function selectableOf(version: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    listAt(version, 'selectableFields')
      .map((field) => textAt(field, 'jsonPath') ?? '')
      .filter((path) => path.startsWith('.'))
      .map((path) => [path.slice(1), '']),
  );
}

function texts(list: readonly Json[]): readonly string[] {
  return list.filter((item) => typeof item === 'string');
}

/**
 * Stable before beta before alpha, the newer first; names that are no versions last, by alphabet.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
 */
export function byVersionPriority(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (!left || !right) return Number(!left) - Number(!right) || (a < b ? -1 : 1);
  return right.stage - left.stage || right.major - left.major || right.minor - left.minor;
}

function parseVersion(text: string): { major: number; stage: number; minor: number } | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(text);
  if (!match) return undefined;
  const [, major = '', stage, minor = '0'] = match;
  return {
    major: Number(major),
    stage: stage === undefined ? 2 : stage === 'beta' ? 1 : 0,
    minor: Number(minor),
  };
}
