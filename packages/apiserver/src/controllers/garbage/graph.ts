import type { StorageKey } from '../../storage/held.ts';

/** Who depends on whom, by the uids of owners. Holds nothing of objects that have no owner. */
export class OwnerGraph {
  readonly #dependents = new Map<string, Map<string, StorageKey>>();
  readonly #owners = new Map<string, readonly string[]>();

  /** Notes the owners of the object kept at `key`; none forgets it. */
  note(key: StorageKey, owners: readonly string[]): void {
    const id = graphKey(key);
    for (const uid of this.#owners.get(id) ?? []) this.#drop(uid, id);
    if (owners.length === 0) {
      this.#owners.delete(id);
      return;
    }
    this.#owners.set(id, owners);
    for (const uid of owners) {
      const dependents = this.#dependents.get(uid) ?? new Map<string, StorageKey>();
      this.#dependents.set(uid, dependents.set(id, key));
    }
  }

  dependentsOf(uid: string): readonly StorageKey[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  /** Uids of the owners of the object kept at `key`, as last noted. */
  ownersOf(key: StorageKey): readonly string[] {
    return this.#owners.get(graphKey(key)) ?? [];
  }

  /** Of everything that has owners. */
  keys(): readonly string[] {
    return [...this.#owners.keys()];
  }

  #drop(uid: string, id: string): void {
    const dependents = this.#dependents.get(uid);
    dependents?.delete(id);
    if (dependents?.size === 0) this.#dependents.delete(uid);
  }
}

/** One text for the place of an object: a key of the work queue. */
export function graphKey({ resource, namespace, name }: StorageKey): string {
  return `${resource}/${namespace}/${name}`;
}

export function placeInGraph(key: string): StorageKey {
  const [resource = '', namespace = '', name = ''] = key.split('/');
  return { resource, namespace, name };
}
