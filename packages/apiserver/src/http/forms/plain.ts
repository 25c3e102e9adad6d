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
  /** What every stored object of the resource begins with. */
  readonly #stored: Buffer;
  readonly #served: Buffer;

  constructor(resource: Resource) {
    this.#resource = resource;
    const { kind } = resource;
    const apiVersion = apiVersionOf(resource);
    this.#stored = front(kind, resource.custom?.storedAs ?? apiVersion);
    this.#served = front(kind, apiVersion);
  }

  /** An object in the version that was asked for. */
  object(held: Held): Uint8Array {
    const { bytes } = held;
    if (this.#resource.storedAs) return bytesOf(this.#resource.storedAs.toServed(held.parse()));
    if (this.#stored.equals(this.#served)) return bytes;
    return Buffer.concat([this.#served, bytes.subarray(this.#stored.length)]);
  }

  list(list: ListAnswer): Iterable<Uint8Array, void> {
    const head = {
      kind: this.#resource.listKind,
      apiVersion: apiVersionOf(this.#resource),
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

  #bookmark(frame: Bookmark): JsonObject {
    return {
      kind: this.#resource.kind,
      apiVersion: apiVersionOf(this.#resource),
      metadata: bookmarkMetadata(frame),
    };
  }

  *#items({ items }: ListAnswer): Generator<Uint8Array, void> {
    for (const held of items) yield this.#item(held);
  }

  /** Items of a built-in list do not repeat their kind. */
  #item(held: Held): Uint8Array {
    if (this.#resource.custom ?? this.#resource.storedAs) return this.object(held);
    return Buffer.concat([brace, held.bytes.subarray(this.#stored.length)]);
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
