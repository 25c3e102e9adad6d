import type { JsonObject } from '../../json.ts';
import { apiVersionOf, type Resource } from '../../registry/resource.ts';
import type { ListAnswer, WatchFrame } from '../../rest/answer.ts';
import type { Held } from '../../storage/held.ts';
import {
  type Bookmark,
  type Form,
  bookmarkMetadata,
  bytesOf,
  line,
  listInPieces,
  listMetadata,
} from './form.ts';

/**
 * Objects are kept encoded, with `kind` and `apiVersion` in front: answers are cut and joined from
 * those bytes, not encoded again.
 */
export class PlainForm implements Form {
  readonly #resource: Resource;
  readonly #servedAs: string;
  readonly #storedAs: string;
  #fronts: { readonly stored: Buffer; readonly served: Buffer } | undefined;

  constructor(resource: Resource) {
    this.#resource = resource;
    this.#servedAs = apiVersionOf(resource);
    this.#storedAs = resource.custom?.storedAs ?? this.#servedAs;
  }

  /** An object in the version that was asked for. */
  object(held: Held): Uint8Array {
    const { bytes } = held;
    if (this.#resource.storedAs) return bytesOf(this.#resource.storedAs.toServed(held.parse()));
    if (this.#storedAs === this.#servedAs) return bytes;
    const { stored, served } = this.#begin();
    return Buffer.concat([served, bytes.subarray(stored.length)]);
  }

  list(list: ListAnswer): Iterable<Uint8Array, void> {
    const head = {
      kind: this.#resource.listKind,
      apiVersion: this.#servedAs,
      metadata: listMetadata(list),
    };
    return listInPieces(head, 'items', this.#items(list));
  }

  /** One line of a watch. */
  frame(frame: WatchFrame): Uint8Array {
    switch (frame.type) {
      case 'ERROR':
        return line({ type: 'ERROR', object: frame.error.toJson() });
      case 'BOOKMARK':
        return line({ type: 'BOOKMARK', object: this.#bookmark(frame) });
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        return Buffer.concat([frameFronts[frame.type], this.object(frame.held), frameEnd]);
    }
  }

  /** What every object of the resource begins with: as it is stored, and as it is served here. */
  #begin(): { readonly stored: Buffer; readonly served: Buffer } {
    const { kind } = this.#resource;
    this.#fronts ??= { stored: front(kind, this.#storedAs), served: front(kind, this.#servedAs) };
    return this.#fronts;
  }

  #bookmark(frame: Bookmark): JsonObject {
    return {
      kind: this.#resource.kind,
      apiVersion: this.#servedAs,
      metadata: bookmarkMetadata(frame),
    };
  }

  *#items({ items }: ListAnswer): Generator<Uint8Array, void> {
    for (const held of items) yield this.#item(held);
  }

  /** Items of a built-in list do not repeat their kind. */
  #item(held: Held): Uint8Array {
    if (this.#resource.custom ?? this.#resource.storedAs) return this.object(held);
    return Buffer.concat([brace, held.bytes.subarray(this.#begin().stored.length)]);
  }
}

const brace = Buffer.from('{');
const frameEnd = Buffer.from('}\n');
const frameFronts = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
} as const;

function front(kind: string, apiVersion: string): Buffer {
  return Buffer.from(`${JSON.stringify({ kind, apiVersion }).slice(0, -1)},`);
}
