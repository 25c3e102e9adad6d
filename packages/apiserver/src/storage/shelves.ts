import type { Collection } from './collection.ts';
import type { ResourceLog } from './resource-log.ts';

/** One resource in memory: its objects and its recent events. */
export interface Shelf {
  readonly collection: Collection;
  readonly log: ResourceLog;
}

/** Every resource in memory, by name; each has its shelf from when it is first asked for. */
export class Shelves {
  readonly #make: (resource: string) => Shelf;
  readonly #made = new Map<string, Shelf>();

  constructor(make: (resource: string) => Shelf) {
    this.#make = make;
  }

  of(resource: string): Shelf {
    const made = this.#made.get(resource);
    if (made) return made;
    const shelf = this.#make(resource);
    this.#made.set(resource, shelf);
    return shelf;
  }

  all(): readonly Shelf[] {
    return [...this.#made.values()];
  }
}
