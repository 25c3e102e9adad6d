import type { Resource } from './resource.ts';
import { byVersionPriority } from './definition.ts';

/** One API group and its versions, the preferred one first. */
export interface ApiGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

/** The resources that the server has now: builtins, and what definitions add and take away. */
export class Registry {
  readonly #builtins: readonly Resource[];
  readonly #defined = new Map<string, readonly Resource[]>();
  #byPath: ReadonlyMap<string, Resource>;
  #all: readonly Resource[];
  #generation = 0;

  constructor(builtins: readonly Resource[]) {
    this.#builtins = builtins;
    this.#all = builtins;
    this.#byPath = index(builtins);
  }

  get all(): readonly Resource[] {
    return this.#all;
  }

  /** Counts the changes of the table: what is derived from it is stale when this differs. */
  get generation(): number {
    return this.#generation;
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** Sets the rows of the definition called `name`; no rows withdraw it. */
  define(name: string, resources: readonly Resource[]): void {
    if (resources.length === 0) this.#defined.delete(name);
    else this.#defined.set(name, resources);
    this.#all = [...this.#builtins, ...[...this.#defined.values()].flat()];
    this.#byPath = index(this.#all);
    this.#generation += 1;
  }

  /** Groups in the order of their first resource; the core group is called ''. */
  groups(): readonly ApiGroup[] {
    const versions = new Map<string, Set<string>>();
    for (const { group, version } of this.#all) {
      const known = versions.get(group) ?? new Set();
      versions.set(group, known.add(version));
    }
    return [...versions].map(([name, known]) => ({
      name,
      versions: [...known].sort(byVersionPriority),
    }));
  }

  inVersion(group: string, version: string): readonly Resource[] {
    return this.#all.filter((resource) => resource.group === group && resource.version === version);
  }
}

function index(resources: readonly Resource[]): ReadonlyMap<string, Resource> {
  return new Map(
    resources.map((resource) => [
      `${resource.group}/${resource.version}/${resource.plural}`,
      resource,
    ]),
  );
}
