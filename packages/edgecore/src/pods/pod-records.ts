import { parseJson } from '@skerry/shared/parse-json';
import { uid as uidOf, type Uid } from '@skerry/shared/names';
import type { Store, Table } from '@skerry/shared/store';
import type { PodRecord } from './pod-record.ts';

/**
 * The records of this node's pods, in the edge's store: what is kept outlives a power cut. A status that is
 * reported beside it is in the same write, so that keeping it costs the disk nothing of its own.
 */
export class PodRecords {
  readonly #store: Store;
  readonly #table: Table;

  constructor(store: Store) {
    this.#store = store;
    this.#table = store.table('pod-records');
  }

  /** Undefined where nothing is kept of the pod. */
  async of(uid: Uid): Promise<PodRecord | undefined> {
    const entry = await this.#table.get(uid);
    return entry && (parseJson(entry) as PodRecord);
  }

  /** Resolves when it is on disk. */
  keep(uid: Uid, record: PodRecord): Promise<void> {
    return this.#store.commit([this.#table.put(uid, Buffer.from(JSON.stringify(record)))]);
  }

  /** Nothing of the pod is left here. Resolves when its record is off the disk. */
  forget(uid: Uid): Promise<void> {
    return this.#store.commit([this.#table.del(uid)]);
  }

  /** Uids of the pods of which one is kept. */
  async holders(): Promise<ReadonlySet<Uid>> {
    const held = new Set<Uid>();
    for await (const key of this.#table.keys()) held.add(uidOf(key));
    return held;
  }
}
