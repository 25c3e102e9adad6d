import type { Store, Table } from '@skerry/shared/store';
import type { DeviceId } from './device-id.ts';
import type { DeviceTwin } from './device-twin.ts';
import { decodeTwin, encodeTwin } from './twin-codec.ts';

/** One twin before and after; absent: there is no such device. */
export interface TwinChange {
  readonly device: DeviceId;
  readonly before: DeviceTwin | undefined;
  readonly after: DeviceTwin | undefined;
}

export interface TwinStoreParts {
  readonly store: Store;
  /** Told of every change once it is on disk, in order: commit, then act. */
  readonly committed: (change: TwinChange) => void;
}

/**
 * How much older than the truth a twin's times may be after a crash, milliseconds: a reading that only
 * repeats a value is written no more often, to spare the disk.
 */
export const freshnessStepMs = 60_000;

interface Waiting {
  readonly change: TwinChange;
  readonly resolve: (change: TwinChange) => void;
  readonly reject: (error: unknown) => void;
}

interface Slot {
  /** As it is on disk. */
  durable: DeviceTwin | undefined;
  /** With every update so far. */
  newest: DeviceTwin | undefined;
  /** Updates that are not on disk yet, in order. */
  waiting: Waiting[];
  writing: boolean;
}

/**
 * The twins of this node, in memory and on disk.
 *
 * Updates of one device are applied in the order of the calls and written together: while one commit is
 * on its way, further updates of that device gather and become one write, the newest. When the disk
 * refuses a write, the twin goes back to what the disk holds and every update that built on it rejects.
 */
export class TwinStore {
  readonly #store: Store;
  readonly #table: Table;
  readonly #committed: (change: TwinChange) => void;
  readonly #slots = new Map<DeviceId, Slot>();

  private constructor({ store, committed }: TwinStoreParts) {
    this.#store = store;
    this.#table = store.table('twins');
    this.#committed = committed;
  }

  static async open(parts: TwinStoreParts): Promise<TwinStore> {
    const twins = new TwinStore(parts);
    for await (const [device, entry] of twins.#table.entries()) {
      const twin = decodeTwin(entry);
      if (twin) twins.#slots.set(device as DeviceId, slotOf(twin));
    }
    return twins;
  }

  /** The newest twin, durable or about to be. */
  get(device: DeviceId): DeviceTwin | undefined {
    return this.#slots.get(device)?.newest;
  }

  /** Every device that has a twin. */
  devices(): DeviceId[] {
    return [...this.#slots].filter(([, { newest }]) => newest).map(([device]) => device);
  }

  /**
   * Applies `change` to the newest twin at once; resolves when the outcome is on disk. To return
   * nothing removes the twin. Rejects with StoreWriteFailed when the disk refuses it.
   */
  update(
    device: DeviceId,
    change: (held: DeviceTwin | undefined) => DeviceTwin | undefined,
  ): Promise<TwinChange> {
    const slot = this.#slots.get(device) ?? slotOf(undefined);
    const before = slot.newest;
    const after = change(before);
    slot.newest = after;
    const step: TwinChange = { device, before, after };
    if (!slot.writing && !isWorthWriting([step], slot)) return Promise.resolve(step);
    this.#slots.set(device, slot);
    return new Promise((resolve, reject) => {
      slot.waiting.push({ change: step, resolve, reject });
      if (!slot.writing) void this.#drain(device, slot);
    });
  }

  /** Never rejects: a failed write rejects the updates that waited for it. */
  async #drain(device: DeviceId, slot: Slot): Promise<void> {
    slot.writing = true;
    while (slot.waiting.length > 0) {
      const group = slot.waiting;
      slot.waiting = [];
      await this.#write(device, slot, group);
    }
    slot.writing = false;
    if (!slot.newest) this.#slots.delete(device);
  }

  async #write(device: DeviceId, slot: Slot, group: readonly Waiting[]): Promise<void> {
    const twin = slot.newest;
    if (
      isWorthWriting(
        group.map(({ change }) => change),
        slot,
      )
    ) {
      try {
        await this.#store.commit([
          twin ? this.#table.put(device, encodeTwin(twin)) : this.#table.del(device),
        ]);
      } catch (error) {
        const builtOnIt = slot.waiting;
        slot.waiting = [];
        slot.newest = slot.durable;
        for (const { reject } of [...group, ...builtOnIt]) reject(error);
        return;
      }
      slot.durable = twin;
    }
    for (const { change, resolve } of group) {
      if (isNews(change)) this.#committed(change);
      resolve(change);
    }
  }
}

function slotOf(twin: DeviceTwin | undefined): Slot {
  return { durable: twin, newest: twin, waiting: [], writing: false };
}

function isNews({ before, after }: TwinChange): boolean {
  return before?.uid !== after?.uid || before?.revision !== after?.revision;
}

/** Whether changes since the last write have to be on disk, or only make its times a little old. */
function isWorthWriting(changes: readonly TwinChange[], { durable, newest }: Slot): boolean {
  const ageMs = (newest?.lastOnline ?? 0) - (durable?.lastOnline ?? 0);
  return changes.some(isNews) || ageMs >= freshnessStepMs;
}
