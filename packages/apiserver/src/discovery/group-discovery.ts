import type { JsonObject } from '../json.ts';
import { unknownPath } from '../refusals.ts';
import type { ApiGroup, Registry } from '../registry/registry.ts';
import { apiVersionOf, type Resource } from '../registry/resource.ts';

/** `/api`: the versions of the core group. */
export function coreVersions(): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [],
  };
}

/** `/apis`: every named group. */
export function groupList(registry: Registry): JsonObject {
  const groups = registry.groups().filter(({ name }) => name !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupEntry) };
}

/** `/apis/GROUP`. */
export function groupOf(registry: Registry, name: string): JsonObject {
  const group = registry.groups().find((known) => known.name === name && name !== '');
  if (!group) throw unknownPath();
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) };
}

/** `/api/v1` and `/apis/GROUP/VERSION`. */
export function resourceList(registry: Registry, group: string, version: string): JsonObject {
  const resources = registry.inVersion(group, version);
  if (resources.length === 0) throw unknownPath();
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: resources.flatMap(resourceEntries),
  };
}

function groupEntry({ name, versions }: ApiGroup): JsonObject {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] ?? null };
}

function resourceEntries(resource: Resource): readonly JsonObject[] {
  const { plural, singular, kind, namespaced, shortNames, categories } = resource;
  const self: JsonObject = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: [...resource.verbs],
    ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
    ...(categories.length === 0 ? {} : { categories: [...categories] }),
  };
  const parts = resource.subresources.map(
    ({ name, kind: partKind, group, version, verbs }): JsonObject => ({
      name: `${plural}/${name}`,
      singularName: '',
      namespaced,
      ...(group === undefined ? {} : { group }),
      ...(version === undefined ? {} : { version }),
      kind: partKind,
      verbs: [...verbs],
    }),
  );
  return [self, ...parts];
}
