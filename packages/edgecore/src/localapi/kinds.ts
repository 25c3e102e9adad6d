import { readFile, readdir } from 'node:fs/promises';
import { objectAt, type Json, type KubeObject } from '@skerry/apiserver/json';
import { builtins } from '@skerry/apiserver/registry/builtins';
import { definedResources } from '@skerry/apiserver/registry/definition';
import { Registry } from '@skerry/apiserver/registry/registry';
import type { Resource, Subresource, Verb } from '@skerry/apiserver/registry/resource';
import { installed } from '@skerry/shared/installation';
import { parseYamlStream } from '@skerry/shared/yaml';

const directory = installed('deploy/crds/');

const reading: readonly Verb[] = ['get', 'list', 'watch'];
/** What is read through the hub is told once: of its changes nothing is heard. */
const fetching: readonly Verb[] = ['get', 'list'];

/** Kinds that a node may hold, by where they are kept, and what may be written of them here. */
const served: ReadonlyMap<string, readonly Verb[]> = new Map<string, readonly Verb[]>([
  ['pods', ['delete', 'patch', 'update']],
  ['configmaps', ['patch', 'update']],
  ['secrets', []],
  ['serviceaccounts', []],
  ['persistentvolumeclaims', []],
  ['persistentvolumes', []],
  ['nodes', []],
  ['events', []],
  ['cronjobs.batch', []],
  ['roles.rbac.authorization.k8s.io', []],
  ['rolebindings.rbac.authorization.k8s.io', []],
  ['clusterroles.rbac.authorization.k8s.io', []],
  ['clusterrolebindings.rbac.authorization.k8s.io', []],
  ['devices.devices.kubeedge.io', ['patch', 'update']],
  ['devicemodels.devices.kubeedge.io', []],
  ['statusjudgements.edge.skerry.io', []],
  ['alertrules.edge.skerry.io', []],
  ['alerts.edge.skerry.io', []],
  ['silences.edge.skerry.io', ['create', 'delete', 'patch', 'update']],
]);

/**
 * Kinds of which a node shows what is its own in a list, whatever else the cluster has: how they fare is not told
 * by what was read some time ago.
 */
const own: ReadonlySet<string> = new Set([
  'pods',
  'nodes',
  'events',
  'cronjobs.batch',
  'devices.devices.kubeedge.io',
  'statusjudgements.edge.skerry.io',
  'alertrules.edge.skerry.io',
  'alerts.edge.skerry.io',
  'silences.edge.skerry.io',
]);

/** How far a list of a kind goes: what is this node's own, that with the cluster's, or the cluster's alone. */
export type Reach = 'own' | 'both' | 'cluster';

export function reachOf({ storage }: Pick<Resource, 'storage'>): Reach {
  if (!served.has(storage)) return 'cluster';
  return own.has(storage) ? 'own' : 'both';
}

const log: Subresource = { name: 'log', kind: 'Pod', verbs: ['get'] };
const status: readonly Verb[] = ['get'];

/**
 * The kinds that the local API serves: those that a node may hold, and every other built-in one, to be read
 * through the hub. Where deploy/crds is not installed, built-in ones only.
 */
export async function localRegistry(): Promise<Registry> {
  const registry = new Registry(builtins.flatMap(asServed));
  const files = await readdir(directory).catch(() => []);
  for (const file of files.filter((name) => name.endsWith('.yaml')).sort()) {
    const documents = parseYamlStream(await readFile(directory + file, 'utf8'), file) as Json[];
    for (const document of documents) {
      const definition = established(document as KubeObject);
      registry.define(
        definition.metadata.name ?? '',
        definedResources(definition).flatMap(asServed),
      );
    }
  }
  return registry;
}

export const servedResources: readonly string[] = [...served.keys()];

function asServed(resource: Resource): Resource[] {
  if (resource.storage === '' || resource.storedAs) return [];
  const writing = served.get(resource.storage);
  if (!writing) return [{ ...resource, verbs: fetching, subresources: [], categories: [] }];
  return [
    {
      ...resource,
      verbs: [...reading, ...writing],
      subresources: [
        ...resource.subresources
          .filter(({ name }) => name === 'status')
          .map((part) => ({ ...part, verbs: status })),
        ...(resource.storage === 'pods' ? [log] : []),
      ],
    },
  ];
}

/** A definition as an API server shows it once it has taken its names. */
function established(definition: KubeObject): KubeObject {
  return {
    ...definition,
    status: {
      acceptedNames: objectAt(definition, 'spec', 'names') ?? {},
      conditions: [{ type: 'Established', status: 'True' }],
    },
  };
}
