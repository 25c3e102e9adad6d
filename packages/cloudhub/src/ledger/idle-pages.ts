import type { NodeName } from '@skerry/shared/names';

/** Objects on the pages that are kept of nodes that are not connected; beyond it the oldest pages go. */
export const maxIdleObjects = 50_000;

interface Page {
  readonly node: NodeName;
  /** Objects on it. */
  readonly size: number;
}

/** Pages of nodes that have just left: most come back, and reading thousands of entries takes a while. */
export class IdlePages<P extends Page> {
  readonly #pages = new Map<NodeName, P>();
  #objects = 0;

  /** The page has a holder again, if it is there. */
  take(node: NodeName): P | undefined {
    const page = this.#pages.get(node);
    if (!page) return undefined;
    this.#pages.delete(node);
    this.#objects -= page.size;
    return page;
  }

  /** The page has no holder any more, and does not change. */
  put(page: P): void {
    this.take(page.node);
    this.#pages.set(page.node, page);
    this.#objects += page.size;
    for (const node of this.#pages.keys()) {
      if (this.#objects <= maxIdleObjects) return;
      this.take(node);
    }
  }
}
