import type { JsonObject } from '../json.ts';
import type { ApiGroup, Registry } from '../registry/registry.ts';
import type { Resource, Subresource } from '../registry/resource.ts';

/**
 * Everything in one answer: `/api` for the core group, `/apis` for the others.
 *
 * @see https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
 */
export function aggregatedDiscovery(registry: Registry, which: 'core' | 'named'): JsonObject {
  const groups = registry.groups().filter(({ name }) => (name === '') === (which === 'core'));
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => groupItem(registry, group)),
  };
}

function groupItem(registry: Registry, { name, versions }: ApiGroup): JsonObject {
  return {
    metadata: { name, creationTimestamp: null },
    versions: versions.map((version) => ({
      version,
      resources: registry.inVersion(name, version).map(resourceItem),
      freshness: 'Current',
    })),
  };
}

function resourceItem(resource: Resource): JsonObject {
  const { group, version, plural, kind, singular, shortNames, categories, subresources } = resource;
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: [...resource.verbs],
    ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
    ...(categories.length === 0 ? {} : { categories: [...categories] }),
    ...(subresources.length === 0
      ? {}
      : { subresources: subresources.map((part) => subresourceItem(resource, part)) }),
  };
}

function subresourceItem(
  { group, version }: Resource,
  { name, kind, verbs, ...own }: Subresource,
): JsonObject {
  return {
    subresource: name,
    responseKind: { group: own.group ?? group, version: own.version ?? version, kind },
    verbs: [...verbs],
  };
}
