import type { Change } from '@skerry/shared/change';
import type { NodeName, ObjectKey, ResourceName } from '@skerry/shared/names';

/** The few facts of an object that decide where it goes. */
export interface Routing {
  /** The node it is placed on by itself: a pod, a device, a Node. */
  readonly node?: NodeName | undefined;
  /** A LabelSelector as JSON: every node with such labels needs the object. */
  readonly selector?: string | undefined;
  /** Keys that a node needs because it needs this object; each once. */
  readonly refers: readonly ObjectKey[];
  /** Keys that it says something about: whichever node needs one of them needs this object; each once. */
  readonly follows?: readonly ObjectKey[] | undefined;
  /**
   * `metadata.generation`: counts what is desired, and stays when only a status changes. Undefined where
   * the API server does not count.
   */
  readonly generation?: number | undefined;
}

/** An object as the hub keeps it: bytes plus what placement needs. A tombstone's routing is empty. */
export interface Observed extends Change {
  readonly routing: Routing;
}

/** Goes nowhere by itself and takes nothing along. */
export const unrouted: Routing = { refers: [] };

export function resourceOf(key: ObjectKey): ResourceName {
  return key.slice(0, key.indexOf('/')) as ResourceName;
}
