import { idOf, type Held } from './held.ts';

/** The objects of one resource as they stand, in the order of a list: by namespace, then name. */
export class Collection {
  readonly #byId = new Map<string, Held>();
  readonly #sorted: Held[] = [];

  get size(): number {
    return this.#sorted.length;
  }

  get(namespace: string, name: string): Held | undefined {
    return this.#byId.get(idOf(namespace, name));
  }

  put(held: Held): void {
    const at = this.#position(held.id);
    const replaces = this.#byId.has(held.id);
    this.#byId.set(held.id, held);
    this.#sorted.splice(at, replaces ? 1 : 0, held);
  }

  remove(id: string): void {
    if (this.#byId.delete(id)) this.#sorted.splice(this.#position(id), 1);
  }

  /** A copy: all objects, or those of one namespace. */
  list(namespace = ''): readonly Held[] {
    if (namespace === '') return this.#sorted.slice();
    return this.#sorted.slice(
      this.#position(idOf(namespace, '')),
      this.#position(`${namespace}0`), // '0' follows '/'
    );
  }

  /** The first index whose id is not below `id`. */
  #position(id: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const held = this.#sorted[middle];
      if (held && held.id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
