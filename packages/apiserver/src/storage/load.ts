import type { Table } from '@skerry/shared/store';
import { Collection } from './collection.ts';
import { floorKey, parseEventKey, parseObjectKey } from './disk-keys.ts';
import { Held, type Revision } from './held.ts';
import { decodeRecord } from './log-record.ts';
import { ResourceLog, type LogLimits } from './resource-log.ts';

/** One resource in memory: its objects and its recent events. */
export interface Shelf {
  readonly collection: Collection;
  readonly log: ResourceLog;
}

interface Loaded {
  readonly shelves: Map<string, Shelf>;
  /** The newest revision on disk. */
  readonly revision: Revision;
}

interface Loading {
  readonly shelves: Map<string, Shelf>;
  readonly newShelf: (resource: string) => Promise<Shelf>;
  revision: Revision;
}

/** Reads back what an earlier process committed. */
export async function loadShelves(
  tables: { readonly objects: Table; readonly events: Table; readonly meta: Table },
  firstRevision: Revision,
  limits: LogLimits,
): Promise<Loaded> {
  const loading: Loading = {
    shelves: new Map(),
    newShelf: async (resource) => {
      const floor = await tables.meta.get(floorKey(resource));
      const revision = floor ? Number(Buffer.from(floor).toString()) : firstRevision;
      return { collection: new Collection(), log: new ResourceLog(revision, limits) };
    },
    revision: firstRevision,
  };
  await loadObjects(tables.objects, loading);
  await loadEvents(tables.events, loading);
  return loading;
}

async function loadObjects(objects: Table, loading: Loading): Promise<void> {
  for await (const [diskKey, bytes] of objects.entries()) {
    const key = parseObjectKey(diskKey);
    const { resourceVersion } = new Held(key, 0, bytes).parse().metadata;
    const held = new Held(key, Number(resourceVersion), bytes);
    (await shelfOf(loading, key.resource)).collection.put(held);
    loading.revision = Math.max(loading.revision, held.revision);
  }
}

async function loadEvents(events: Table, loading: Loading): Promise<void> {
  const newest = new Map<string, Held>();
  for await (const [diskKey, record] of events.entries()) {
    const { resource, revision } = parseEventKey(diskKey);
    const { log, collection } = await shelfOf(loading, resource);
    const event = decodeRecord(resource, revision, record, ({ namespace, name }, wanted) => {
      const known = newest.get(`${resource}/${namespace}/${name}`);
      return known?.revision === wanted ? known : undefined;
    });
    const { namespace, name } = event.held;
    const current = collection.get(namespace, name);
    const held = current?.revision === revision ? current : event.held;
    newest.set(`${resource}/${namespace}/${name}`, held);
    log.append({ ...event, held });
    loading.revision = Math.max(loading.revision, revision);
  }
}

async function shelfOf({ shelves, newShelf }: Loading, resource: string): Promise<Shelf> {
  const known = shelves.get(resource);
  if (known) return known;
  const shelf = await newShelf(resource);
  shelves.set(resource, shelf);
  return shelf;
}
