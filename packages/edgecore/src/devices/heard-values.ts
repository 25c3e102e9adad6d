import type { Store, Table } from '@skerry/shared/store';
import { deviceId } from './device-id.ts';
import type { DeviceTwin } from './device-twin.ts';
import { decodeTwin } from './twin-codec.ts';
import type { TwinStore } from './twin-store.ts';

/** A value that a device reported, and when that was heard, milliseconds since the Unix epoch. */
export interface HeardValue {
  readonly value: string;
  readonly at: number;
}

/** What devices last reported, for other rooms: as the twins have it, or the disk while there are none yet. */
export class HeardValues {
  readonly #table: Table;
  #twins: Pick<TwinStore, 'get'> | undefined;

  constructor(store: Store) {
    this.#table = store.table('twins');
  }

  /** The twins are open now. */
  opened(twins: Pick<TwinStore, 'get'>): void {
    this.#twins = twins;
  }

  async get(namespace: string, name: string, property: string): Promise<HeardValue | undefined> {
    const id = deviceId(namespace, name);
    const twin = this.#twins ? this.#twins.get(id) : await this.#kept(id);
    const reported = twin?.properties.get(property)?.reported;
    return reported && { value: reported.value, at: reported.receivedAt };
  }

  async #kept(id: string): Promise<DeviceTwin | undefined> {
    const entry = await this.#table.get(id);
    return entry && decodeTwin(entry);
  }
}
