import { UsageError } from '@skerry/shared/errors';
import type { SiteApi } from './local-api.ts';

/** A kind of object, and where it is served. */
export interface SiteKind {
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** `/api/v1` or `/apis/GROUP/VERSION`. */
  readonly root: string;
  /** All that people may call it. */
  readonly names: readonly string[];
}

interface Discovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly {
        readonly resource: string;
        readonly responseKind: { readonly kind: string };
        readonly scope: string;
        readonly singularResource: string;
        readonly shortNames?: readonly string[];
      }[];
    }[];
  }[];
}

const discovery = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export async function siteKinds(api: SiteApi): Promise<readonly SiteKind[]> {
  const found = await Promise.all(
    ['/api', '/apis'].map((path) => api.json<Discovery>(path, { accept: discovery })),
  );
  return found
    .flatMap(({ items }) => items)
    .flatMap(({ metadata, versions }) =>
      versions.flatMap(({ version, resources }) =>
        resources.map(({ resource, responseKind, scope, singularResource, shortNames = [] }) => ({
          plural: resource,
          kind: responseKind.kind,
          namespaced: scope === 'Namespaced',
          root: metadata.name ? `/apis/${metadata.name}/${version}` : `/api/${version}`,
          names: [resource, singularResource, ...shortNames],
        })),
      ),
    );
}

/** Throws UsageError with what there is. */
export function kindCalled(kinds: readonly SiteKind[], word: string): SiteKind {
  const kind = kinds.find(({ names }) => names.includes(word.toLowerCase()));
  if (kind) return kind;
  const all = kinds.map(({ plural }) => plural).join(', ');
  throw new UsageError(`a node holds no ${JSON.stringify(word)}, only ${all}`);
}

/** All of a kind, of one namespace where it is named. */
export function collectionOf({ root, plural, namespaced }: SiteKind, namespace?: string): string {
  if (!namespaced || namespace === undefined) return `${root}/${plural}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}
