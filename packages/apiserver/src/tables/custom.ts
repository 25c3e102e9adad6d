import type { Json } from '../json.ts';
import { metadataSchema } from '../schema/builtin-schema.ts';
import { memberSchema } from '../schema/schema.ts';
import { since } from './age.ts';
import { jsonPath } from './json-path.ts';
import { nameOf, text, type Column, type Printer } from './printer.ts';

/**
 * A column of a custom resource's tables, as its definition has it.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns
 */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

function metadataDescription(field: string): string {
  return memberSchema(metadataSchema, field)?.description ?? '';
}

const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: metadataDescription('name'),
  priority: 0,
};

/** What a definition without columns of its own has. */
const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: metadataDescription('creationTimestamp'),
};

/** Tables of a custom resource: the name, then the columns of its definition or the age. */
export function customPrinter(columns: readonly PrinterColumn[]): Printer {
  const own = columns.length === 0 ? [ageColumn] : columns;
  const readers = own.map((column) => ({ type: column.type, find: jsonPath(column.jsonPath) }));
  return {
    columns: [nameColumn, ...own.map(toColumn)],
    cells: (object, now) => [
      nameOf(object),
      ...readers.map(({ type, find }) => cellOf(type, find?.(object)[0], now)),
    ],
  };
}

function toColumn(column: PrinterColumn): Column {
  const { name, type, format = '', description = '', priority = 0 } = column;
  return {
    name,
    type,
    format,
    description:
      description === ''
        ? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`
        : description,
    priority,
  };
}

/** Values of the type a column says; anything else is an empty cell. */
const casts: ReadonlyMap<string, (value: Json, now: number) => Json> = new Map([
  ['integer', (value: Json) => (typeof value === 'number' ? Math.trunc(value) : null)],
  ['number', (value: Json) => (typeof value === 'number' ? value : null)],
  ['boolean', (value: Json) => (typeof value === 'boolean' ? value : null)],
  ['date', dateCell],
]);

function cellOf(type: string, value: Json | undefined, now: number): Json {
  if (value === undefined || value === null) return null;
  const cast = casts.get(type);
  return cast ? cast(value, now) : text(value);
}

function dateCell(value: Json, now: number): Json {
  if (typeof value !== 'string') return null;
  return Number.isNaN(Date.parse(value)) ? '<invalid>' : since(value, now);
}

/** Tables of kinds that have no columns of their own: the name and when they were created. */
export const plainPrinter: Printer = {
  columns: [
    nameColumn,
    {
      name: 'Created At',
      type: 'date',
      format: '',
      description: metadataDescription('creationTimestamp'),
      priority: 0,
    },
  ],
  cells: (object) => [nameOf(object), jsonPath('.metadata.creationTimestamp')?.(object)[0] ?? null],
};
