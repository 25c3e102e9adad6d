import { listAt, objectAt, type Json } from '../json.ts';
import { ageColumn, ageOf, cell, columnsOf, nameColumn, nameOf, type Printer } from './printer.ts';

export const configMapPrinter: Printer = {
  columns: columnsOf('', 'ConfigMap', [nameColumn, { name: 'Data', of: 'data' }, ageColumn]),
  cells: (object, now) => [
    nameOf(object),
    size(object, 'data') + size(object, 'binaryData'),
    ageOf(object, now),
  ],
};

export const secretPrinter: Printer = {
  columns: columnsOf('', 'Secret', [
    nameColumn,
    { name: 'Type', of: 'type' },
    { name: 'Data', of: 'data' },
    ageColumn,
  ]),
  cells: (object, now) => [
    nameOf(object),
    cell(object, 'type'),
    size(object, 'data'),
    ageOf(object, now),
  ],
};

export const serviceAccountPrinter: Printer = {
  columns: columnsOf('', 'ServiceAccount', [
    nameColumn,
    { name: 'Secrets', of: 'secrets' },
    ageColumn,
  ]),
  cells: (object, now) => [nameOf(object), listAt(object, 'secrets').length, ageOf(object, now)],
};

function size(object: Json, field: string): number {
  return Object.keys(objectAt(object, field) ?? {}).length;
}
