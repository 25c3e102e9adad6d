import type { JsonObject } from '../../json.ts';
import type { ListAnswer, WatchFrame } from '../../rest/answer.ts';
import type { Held } from '../../storage/held.ts';
import { type Form, bookmarkMetadata, bytesOf, line, listInPieces, listMetadata } from './form.ts';

/**
 * Only the metadata of objects, whatever their kind.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
 */
export class MetadataForm implements Form {
  object(held: Held): Uint8Array {
    return bytesOf(partial(held));
  }

  list(list: ListAnswer): Iterable<Uint8Array, void> {
    const head = {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: listMetadata(list),
    };
    return listInPieces(head, 'items', partials(list));
  }

  frame(frame: WatchFrame): Uint8Array {
    switch (frame.type) {
      case 'ERROR':
        return line({ type: 'ERROR', object: frame.error.toJson() });
      case 'BOOKMARK':
        return line({ type: 'BOOKMARK', object: envelope(bookmarkMetadata(frame)) });
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        return line({ type: frame.type, object: partial(frame.held) });
    }
  }
}

function* partials({ items }: ListAnswer): Generator<Uint8Array, void> {
  for (const held of items) yield bytesOf(partial(held));
}

function partial(held: Held): JsonObject {
  return envelope(held.parse().metadata);
}

function envelope(metadata: JsonObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}
