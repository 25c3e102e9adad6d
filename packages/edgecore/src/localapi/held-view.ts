import { sameJson, type KubeObject } from '@skerry/apiserver/json';
import { Collection } from '@skerry/apiserver/storage/collection';
import {
  encodeHeld,
  type Held,
  type Revision,
  type StorageKey,
} from '@skerry/apiserver/storage/held';
import { KeyLock } from '@skerry/apiserver/storage/key-lock';
import type { ReadableObjects } from '@skerry/apiserver/storage/readable-objects';
import { ResourceLog, type LogLimits } from '@skerry/apiserver/storage/resource-log';
import { Shelves } from '@skerry/apiserver/storage/shelves';
import { keyParts, type ObjectKey } from '@skerry/shared/names';

/** How much history each resource keeps for watches that resume. */
export const historyLimits: LogLimits = { events: 1_024, bytes: 2 * 1024 * 1024 };

export interface HeldViewParts {
  /** What is to be seen under a key now; undefined: nothing. */
  readonly look: (key: ObjectKey) => Promise<KubeObject | undefined>;
  /** Everything that there may be to see. */
  readonly keys: () => Promise<Iterable<ObjectKey>>;
  /** Where this node's line of versions begins this time. */
  readonly first: Revision;
  readonly limits?: LogLimits;
}

/**
 * What the node holds, as the engine of the API reads it. A view and no second store: it is read anew from
 * the disk, an object at a time, whenever one has changed, and forgotten with the process. Its versions
 * lie on a line of the node's own; those of a line before it are too old.
 */
export class HeldView implements ReadableObjects {
  readonly #parts: HeldViewParts;
  readonly #shelves: Shelves;
  readonly #lock = new KeyLock();
  #revision: Revision;

  private constructor(parts: HeldViewParts) {
    this.#parts = parts;
    const { first, limits = historyLimits } = parts;
    this.#shelves = new Shelves(() => ({
      collection: new Collection(),
      log: new ResourceLog(first, limits),
    }));
    this.#revision = first;
  }

  static async open(parts: HeldViewParts): Promise<HeldView> {
    const view = new HeldView(parts);
    for (const key of await parts.keys()) await view.refresh(key);
    for (const { log } of view.#shelves.all()) log.trim();
    return view;
  }

  get revision(): Revision {
    return this.#revision;
  }

  get({ resource, namespace, name }: StorageKey): Held | undefined {
    return this.#shelves.of(resource).collection.get(namespace, name);
  }

  list(resource: string, namespace?: string): readonly Held[] {
    return this.#shelves.of(resource).collection.list(namespace);
  }

  log(resource: string): ResourceLog {
    return this.#shelves.of(resource).log;
  }

  /** Looks again; watchers are told when it looks different. */
  refresh(key: ObjectKey): Promise<void> {
    return this.#lock.run(key, async () => this.#show(key, await this.#parts.look(key)));
  }

  #show(key: ObjectKey, object: KubeObject | undefined): void {
    const at = storageKey(key);
    const previous = this.get(at);
    if (!object) {
      if (previous) this.#remove(previous);
      return;
    }
    if (previous && looksSame(previous, object)) return;
    const { collection, log } = this.#shelves.of(at.resource);
    const held = encodeHeld(at, object, ++this.#revision);
    collection.put(held);
    log.append(previous ? { type: 'MODIFIED', held, previous } : { type: 'ADDED', held });
    log.trim();
  }

  #remove(previous: Held): void {
    const { collection, log } = this.#shelves.of(previous.resource);
    const held = encodeHeld(previous, previous.parse(), ++this.#revision);
    collection.remove(previous.id);
    log.append({ type: 'DELETED', held, previous });
    log.trim();
  }
}

/** Resources are named alike on the wire and in the engine. */
export function storageKey(key: ObjectKey): StorageKey {
  return keyParts(key);
}

function looksSame(held: Held, { metadata, ...rest }: KubeObject): boolean {
  const { metadata: shown, ...others } = held.parse();
  const { resourceVersion: _shown, ...before } = shown;
  const { resourceVersion: _new, ...after } = metadata;
  return sameJson(before, after) && sameJson(others, rest);
}
