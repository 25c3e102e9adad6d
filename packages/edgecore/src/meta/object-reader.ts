import type { HeldVersion } from '@skerry/shared/change';
import type { ObjectKey, ResourceName } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';

/** An object on the edge's own disk. */
export interface HeldObject extends HeldVersion {
  /** JSON in UTF-8, as the API server sent it. */
  readonly object: Uint8Array;
}

/** Reads what the edge holds; works without a network, since everything read here is on disk. */
export interface ObjectReader {
  get(key: ObjectKey): Promise<HeldObject | undefined>;
  /** Every held object of one resource, in the order of their keys. */
  list(resource: ResourceName): Promise<readonly HeldObject[]>;
}

/** A held object as JSON; undefined when it is not held. */
export async function readObject(objects: ObjectReader, key: ObjectKey): Promise<unknown> {
  const held = await objects.get(key);
  return held && parseJson(held.object);
}
