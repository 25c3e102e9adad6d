import type { JsonObject } from '../../json.ts';
import type { ListAnswer, WatchFrame } from '../../rest/answer.ts';
import type { Held } from '../../storage/held.ts';

/** How objects look on the wire: as they are, as their metadata, as rows of a table. */
export interface Form {
  object(held: Held): Uint8Array;
  /** In pieces, each worked out only when it is asked for: a long list holds up nobody else. */
  list(list: ListAnswer): Iterable<Uint8Array, void>;
  /** One line of a watch. */
  frame(frame: WatchFrame): Uint8Array;
}

export function listMetadata({ revision, ...page }: ListAnswer): JsonObject {
  return {
    resourceVersion: String(revision),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
}

export type Bookmark = WatchFrame & { readonly type: 'BOOKMARK' };

/** The metadata of the object in a bookmark. */
export function bookmarkMetadata({ revision, initial }: Bookmark): JsonObject {
  return {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(initial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  };
}

/** How much of a list is worked out and written at once, bytes. */
export const pieceBytes: number = 64 * 1024;

/** A list whose JSON begins with `head`, then has `items` under `field`: joined to pieces of some size. */
export function* listInPieces(
  head: JsonObject,
  field: string,
  items: Iterable<Uint8Array>,
): Generator<Uint8Array, void> {
  let piece: Uint8Array[] = [
    Buffer.from(`${JSON.stringify(head).slice(0, -1)},${JSON.stringify(field)}:[`),
  ];
  let [size, first] = [0, true];
  for (const item of items) {
    if (!first) piece.push(comma);
    first = false;
    piece.push(item);
    size += item.length;
    if (size < pieceBytes) continue;
    yield Buffer.concat(piece);
    [piece, size] = [[], 0];
  }
  piece.push(listEnd);
  yield Buffer.concat(piece);
}

const comma = Buffer.from(',');
const listEnd = Buffer.from(']}');

export function bytesOf(json: JsonObject): Uint8Array {
  return Buffer.from(JSON.stringify(json));
}

/** One event of a watch as a line. */
export function line(event: JsonObject): Uint8Array {
  return Buffer.from(`${JSON.stringify(event)}\n`);
}
