import type { Clock } from '@skerry/shared/clock';
import { listAt, type Json, type JsonObject } from '../../json.ts';
import type { Resource } from '../../registry/resource.ts';
import type { ListAnswer, WatchFrame } from '../../rest/answer.ts';
import type { Held } from '../../storage/held.ts';
import type { PrinterColumn } from '../../tables/custom.ts';
import { toTable, type TableOptions } from '../../tables/table.ts';
import { type Form, bookmarkMetadata, bytesOf, line, listInPieces, listMetadata } from './form.ts';

type IncludeObject = NonNullable<TableOptions['includeObject']>;

/**
 * Objects as rows, as kubectl shows them. In a watch only the first event carries the columns.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
export class TableForm implements Form {
  readonly #resource: Resource;
  readonly #clock: Clock;
  readonly #include: IncludeObject;
  #headers = true;

  constructor(resource: Resource, clock: Clock, include: IncludeObject) {
    this.#resource = resource;
    this.#clock = clock;
    this.#include = include;
  }

  object(held: Held): Uint8Array {
    return bytesOf(this.#table([held], { resourceVersion: String(held.revision) }));
  }

  list(list: ListAnswer): Iterable<Uint8Array, void> {
    const { rows: _none, ...head } = this.#table([], listMetadata(list));
    return listInPieces(head, 'rows', this.#rows(list));
  }

  frame(frame: WatchFrame): Uint8Array {
    switch (frame.type) {
      case 'ERROR':
        return line({ type: 'ERROR', object: frame.error.toJson() });
      case 'BOOKMARK':
        return line({ type: 'BOOKMARK', object: this.#table([], bookmarkMetadata(frame)) });
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        return line({ type: frame.type, object: this.#row(frame.held) });
    }
  }

  *#rows({ items }: ListAnswer): Generator<Uint8Array, void> {
    for (const held of items) {
      const [row] = listAt(this.#row(held), 'rows');
      yield Buffer.from(JSON.stringify(row));
    }
  }

  #row(held: Held): JsonObject {
    return this.#table([held], { resourceVersion: String(held.revision) });
  }

  #table(objects: readonly Held[], metadata: JsonObject): JsonObject {
    const { group, kind, custom } = this.#resource;
    const headers = this.#headers;
    this.#headers = false;
    const rows = objects.map((held): Json => held.parse());
    const columns = custom ? columnsOf(custom.version) : undefined;
    const table = toTable({ group, kind }, rows, {
      now: this.#clock.now(),
      columns,
      includeObject: this.#include,
      headers,
    });
    return { ...table, metadata };
  }
}

function columnsOf(version: JsonObject): readonly PrinterColumn[] {
  return listAt(version, 'additionalPrinterColumns') as unknown as readonly PrinterColumn[];
}
