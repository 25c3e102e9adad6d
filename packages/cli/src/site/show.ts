import { UsageError } from '@skerry/shared/errors';
import { printYaml } from '@skerry/shared/yaml';
import { printTable, type KubeTable } from '../kube/table.ts';
import { collectionOf, type SiteKind } from './kinds.ts';
import type { SiteApi } from './local-api.ts';

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';

export interface SiteObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

interface SiteTable extends KubeTable {
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object: SiteObject;
  }[];
}

/** Which objects of a kind; without a namespace, those of all. */
export interface Wanted {
  readonly kind: SiteKind;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** A table as kubectl prints it, with the namespaces in front; undefined when there is nothing. */
export async function tableOf(api: SiteApi, wanted: Wanted): Promise<string | undefined> {
  const table = await api.json<SiteTable>(pathOf(wanted), { accept: tableType });
  if (table.rows.length === 0) return undefined;
  if (!wanted.kind.namespaced) return printTable(table);
  return printTable({
    columnDefinitions: [{ name: 'Namespace', priority: 0 }, ...table.columnDefinitions],
    rows: table.rows.map(({ cells, object }) => ({
      cells: [object.metadata.namespace, ...cells],
    })),
  });
}

/** The one object of a name. Throws UsageError when there is none, or one in several namespaces. */
export async function objectOf(api: SiteApi, wanted: Wanted): Promise<SiteObject> {
  const { items } = await api.json<{ items: readonly SiteObject[] }>(pathOf(wanted));
  const [object, another] = items;
  const called = `${wanted.kind.kind} ${wanted.name ?? ''}`;
  if (!object) throw new UsageError(`this node holds no ${called}`);
  if (another) {
    const where = items.map(({ metadata }) => metadata.namespace).join(', ');
    throw new UsageError(`${called} is in several namespaces (${where}): choose one with -n`);
  }
  return object;
}

export function objectPath(kind: SiteKind, { metadata }: SiteObject): string {
  return `${collectionOf(kind, metadata.namespace)}/${encodeURIComponent(metadata.name)}`;
}

function pathOf({ kind, name, namespace }: Wanted): string {
  const selector =
    name === undefined ? '' : `?fieldSelector=metadata.name%3D${encodeURIComponent(name)}`;
  return `${collectionOf(kind, namespace)}${selector}`;
}

/** Everything that is known of an object, then what happened to it. */
export async function description(
  api: SiteApi,
  events: SiteKind,
  object: SiteObject,
): Promise<string> {
  const { name, namespace } = object.metadata;
  const about = `fieldSelector=involvedObject.name%3D${encodeURIComponent(name)}`;
  const path = `${collectionOf(events, namespace)}?${about}`;
  const happened = await api.json<SiteTable>(path, { accept: tableType });
  const told = happened.rows.length === 0 ? 'nothing is told of it' : printTable(happened);
  return `${printYaml(object)}\nEvents:\n${told}`;
}
