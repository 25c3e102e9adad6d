import type { NodeName, ObjectKey } from '@skerry/shared/names';

const nobody: ReadonlyMap<NodeName, number> = new Map();
const nothing: ReadonlySet<ObjectKey> = new Set();

/** Which node needs which key, and for how many reasons: read from both ends. */
export class Claims {
  readonly #byKey = new Map<ObjectKey, Map<NodeName, number>>();
  readonly #byNode = new Map<NodeName, Set<ObjectKey>>();

  /** The nodes that need `key`. */
  on(key: ObjectKey): Iterable<NodeName> {
    return (this.#byKey.get(key) ?? nobody).keys();
  }

  /** The keys that `node` needs, whether or not they exist. */
  of(node: NodeName): ReadonlySet<ObjectKey> {
    return this.#byNode.get(node) ?? nothing;
  }

  /** For how many reasons `node` needs `key`. */
  count(node: NodeName, key: ObjectKey): number {
    return this.#byKey.get(key)?.get(node) ?? 0;
  }

  /** One reason more; true when it is the first. */
  add(node: NodeName, key: ObjectKey): boolean {
    const reasons = entry(this.#byKey, key, () => new Map<NodeName, number>());
    const before = reasons.get(node) ?? 0;
    reasons.set(node, before + 1);
    if (before === 0) entry(this.#byNode, node, () => new Set<ObjectKey>()).add(key);
    return before === 0;
  }

  /** One reason less; true when it was the last. */
  drop(node: NodeName, key: ObjectKey): boolean {
    const reasons = this.#byKey.get(key);
    const before = reasons?.get(node) ?? 0;
    if (before > 1) reasons?.set(node, before - 1);
    if (before !== 1) return false;
    remove(this.#byKey, key, node);
    remove(this.#byNode, node, key);
    return true;
  }
}

/** Takes a member out of a collection, and the collection out when it is empty. */
function remove<K, M>(
  map: Map<K, { readonly size: number; delete(member: M): boolean }>,
  key: K,
  member: M,
): void {
  const members = map.get(key);
  members?.delete(member);
  if (members?.size === 0) map.delete(key);
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
