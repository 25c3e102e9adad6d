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

/** Built-in kinds that a node may hold, by where they are kept, and what may be written of them here. */
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
  ['silences.edge.skerry.io', []],
]);

const log: Subresource = { name: 'log', kind: 'Pod', verbs: ['get'] };
const status: readonly Verb[] = ['get'];

/** The kinds that the local API serves. Where deploy/crds is not installed, built-in ones only. */
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
  const writing = served.get(resource.storage);
  if (!writing || resource.storedAs) return [];
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
