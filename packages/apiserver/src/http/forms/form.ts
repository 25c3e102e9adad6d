import type { JsonObject } from '../../json.ts';
import type { ListAnswer, WatchFrame } from '../../rest/answer.ts';
import type { Held } from '../../storage/held.ts';

/** How objects look on the wire: as they are, as their metadata, as rows of a table. */
export interface Form {
  object(held: Held): Uint8Array;
  list(list: ListAnswer): Uint8Array;
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

export function bytesOf(json: JsonObject): Uint8Array {
  return Buffer.from(JSON.stringify(json));
}

/** One event of a watch as a line. */
export function line(event: JsonObject): Uint8Array {
  return Buffer.from(`${JSON.stringify(event)}\n`);
}
