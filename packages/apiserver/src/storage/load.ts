import { Collection } from './collection.ts';
import { floorKey, parseEventKey, parseObjectKey } from './disk-keys.ts';
import { Held, type Revision } from './held.ts';
import { decodeRecord } from './log-record.ts';
import { ResourceLog, type LogLimits } from './resource-log.ts';
import { Shelves } from './shelves.ts';

export interface Loaded {
  readonly shelves: Shelves;
  /** The newest revision on disk. */
  readonly revision: Revision;
}

export const firstRevisionKey = 'first-revision';

/** Puts back together what an earlier process committed, from its entries in any order. */
export class Loading {
  readonly #collections = new Map<string, Collection>();
  readonly #events: [key: string, record: Uint8Array][] = [];
  readonly #meta = new Map<string, Revision>();
  #revision: Revision = 0;

  take(table: string, key: string, value: Uint8Array): void {
    if (table === 'objects') this.#takeObject(key, value);
    if (table === 'events') this.#events.push([key, value]);
    if (table === 'meta') this.#meta.set(key, Number(Buffer.from(value).toString()));
  }

  /** Absent in a new store. */
  get firstRevision(): Revision | undefined {
    return this.#meta.get(firstRevisionKey);
  }

  /** Once everything has been taken. `firstRevision` is where a history begins that has forgotten nothing. */
  loaded(firstRevision: Revision, limits: LogLimits): Loaded {
    const [collections, meta] = [this.#collections, this.#meta]; // what was read of events may go
    const shelves = new Shelves((resource) => ({
      collection: collections.get(resource) ?? new Collection(),
      log: new ResourceLog(meta.get(floorKey(resource)) ?? firstRevision, limits),
    }));
    for (const resource of collections.keys()) shelves.of(resource);
    this.#fillLogs(shelves);
    return { shelves, revision: Math.max(this.#revision, firstRevision) };
  }

  #takeObject(diskKey: string, bytes: Uint8Array): void {
    const key = parseObjectKey(diskKey);
    const held = Held.stored(key, bytes);
    const collection = this.#collections.get(key.resource) ?? new Collection();
    this.#collections.set(key.resource, collection);
    collection.put(held);
    this.#revision = Math.max(this.#revision, held.revision);
  }

  #fillLogs(shelves: Shelves): void {
    const newest = new Map<string, Held>();
    this.#events.sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [diskKey, record] of this.#events) {
      const { resource, revision } = parseEventKey(diskKey);
      const { log, collection } = shelves.of(resource);
      const event = decodeRecord(resource, revision, record, ({ namespace, name }, wanted) => {
        const known = newest.get(`${resource}/${namespace}/${name}`);
        return known?.revision === wanted ? known : undefined;
      });
      const { namespace, name } = event.held;
      const current = collection.get(namespace, name);
      const held = current?.revision === revision ? current : event.held;
      newest.set(`${resource}/${namespace}/${name}`, held);
      log.append({ ...event, held });
      this.#revision = Math.max(this.#revision, revision);
    }
  }
}
