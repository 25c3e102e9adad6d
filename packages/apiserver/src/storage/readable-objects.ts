import type { Held, Revision, StorageKey } from './held.ts';
import type { ResourceLog } from './resource-log.ts';

/** Objects of every resource as they stand, under one counter, and what lately became of them. */
export interface ReadableObjects {
  /** The newest revision that readers can see. */
  readonly revision: Revision;
  get(key: StorageKey): Held | undefined;
  /** By namespace, then name; of one namespace when given. */
  list(resource: string, namespace?: string): readonly Held[];
  log(resource: string): ResourceLog;
}
