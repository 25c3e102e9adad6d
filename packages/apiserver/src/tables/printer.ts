import { listAt, objectAt, valueAt, type Json } from '../json.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { memberSchema, type Schema } from '../schema/schema.ts';
import { since } from './age.ts';

/**
 * Heading of a table's column.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 in every table, higher only in wide ones. */
  readonly priority: number;
}

/** How the objects of one kind become rows. */
export interface Printer {
  readonly columns: readonly Column[];
  /** One cell for each column. Never throws, whatever the object holds. */
  readonly cells: (object: Json, now: number) => Json[];
  /** What a row says of itself beside its cells. */
  readonly conditions?: (object: Json) => Json[];
}

/** A column as printers write it down: the rest follows. */
export interface ColumnSketch {
  readonly name: string;
  readonly type?: string;
  readonly format?: string;
  /** Path of the field whose description the column has. */
  readonly of?: string;
  readonly description?: string;
  /** Only in wide tables. */
  readonly wide?: true;
}

/** Columns of a built-in kind, described as its fields are. */
export function columnsOf(
  group: string,
  kind: string,
  sketches: readonly ColumnSketch[],
): Column[] {
  const schema = builtinSchema(group, kind);
  return sketches.map(({ name, type = 'string', format = '', of, description, wide }) => ({
    name,
    type,
    format,
    description: description ?? (of === undefined ? '' : descriptionAt(schema, of)),
    priority: wide ? 1 : 0,
  }));
}

function descriptionAt(schema: Schema | undefined, path: string): string {
  const found = path
    .split('.')
    .reduce<Schema | undefined>((node, key) => memberSchema(node, key), schema);
  return found?.description ?? '';
}

export const nameColumn: ColumnSketch = { name: 'Name', format: 'name', of: 'metadata.name' };
export const ageColumn: ColumnSketch = { name: 'Age', of: 'metadata.creationTimestamp' };

/** Columns that every kind with a pod template ends with. */
export const templateColumns: readonly ColumnSketch[] = [
  { name: 'Containers', description: 'Names of each container in the template.', wide: true },
  {
    name: 'Images',
    description: 'Images referenced by each container in the template.',
    wide: true,
  },
];

export function nameOf(object: Json): Json {
  return valueAt(object, 'metadata', 'name') ?? '';
}

export function ageOf(object: Json, now: number): string {
  return since(valueAt(object, 'metadata', 'creationTimestamp'), now);
}

/** The string at `path`, or `fallback` when there is none or it is empty. */
export function cell(object: Json | undefined, path: string, fallback = ''): string {
  const value = valueAt(object, ...path.split('.'));
  return typeof value === 'string' && value !== '' ? value : fallback;
}

/** The number at `path`, or 0. */
export function count(object: Json | undefined, path: string): number {
  const value = valueAt(object, ...path.split('.'));
  return typeof value === 'number' ? value : 0;
}

/** A map as `key=value,…` in order of keys, `<none>` when empty. */
export function labelsCell(map: Json | undefined): string {
  const entries = typeof map === 'object' && map !== null ? Object.entries(map) : [];
  const pairs = entries.map(([key, value]) => `${key}=${text(value)}`).sort();
  return pairs.length === 0 ? '<none>' : pairs.join(',');
}

/** A label selector as kubectl writes it, in order of keys, `<none>` when empty. */
export function selectorCell(selector: Json | undefined): string {
  const labels = Object.entries(objectAt(selector, 'matchLabels') ?? {});
  const requirements = [
    ...labels.map(([key, value]) => ({ key, said: `${key}=${text(value)}` })),
    ...listAt(selector, 'matchExpressions').map((expression) => ({
      key: cell(expression, 'key'),
      said: expressionCell(expression),
    })),
  ].sort((a, b) => Number(a.key > b.key) - Number(a.key < b.key));
  return requirements.map(({ said }) => said).join(',') || '<none>';
}

function expressionCell(expression: Json): string {
  const key = cell(expression, 'key');
  const list = listAt(expression, 'values').map(text).sort().join(',');
  switch (cell(expression, 'operator')) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'NotIn':
      return `${key} notin (${list})`;
    default:
      return `${key} in (${list})`;
  }
}

/** Names and images of the containers in a pod's spec, each as one cell. */
export function templateCells(podSpec: Json | undefined): [string, string] {
  const list = listAt(podSpec, 'containers');
  return [
    list.map((container) => cell(container, 'name')).join(','),
    list.map((container) => cell(container, 'image')).join(','),
  ];
}

/** A value that should be a string, as one: nothing a client stores may break a table. */
export function text(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
