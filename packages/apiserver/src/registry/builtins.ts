import { rows, type Row } from './builtin-rows.ts';
import { storageName, type Resource, type Subresource, type Verb } from './resource.ts';

const everyVerb: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];
/** The kinds every server has, without any definition. */
export const builtins: readonly Resource[] = Object.entries(rows).flatMap(([apiVersion, kinds]) => {
  const [group = '', version = ''] = apiVersion.includes('/')
    ? apiVersion.split('/')
    : ['', apiVersion];
  return kinds.map((row) => toResource(group, version, row));
});

function toResource(group: string, version: string, row: Row): Resource {
  return {
    group,
    version,
    plural: row.plural,
    singular: row.kind.toLowerCase(),
    kind: row.kind,
    listKind: `${row.kind}List`,
    shortNames: row.short ?? [],
    categories: row.all ? ['all'] : [],
    namespaced: !row.cluster,
    verbs: row.verbs ?? everyVerb,
    subresources: [...(row.status ? [statusOf(row.kind)] : []), ...(row.subresources ?? [])],
    generation: row.generation ?? false,
    storage: storageOf(group, row),
    selectable: row.selectable ?? {},
    storedAs: row.storedAs,
  };
}

function statusOf(kind: string): Subresource {
  return { name: 'status', kind, verbs: ['get', 'patch', 'update'] };
}

function storageOf(group: string, { asked, storedAs, plural }: Row): string {
  if (asked) return '';
  return storedAs?.storage ?? storageName(plural, group);
}
