import type { DeviceId } from './device-id.ts';

/** Desires values of a device's properties, by name; durable when it resolves. Throws Refused. */
export type Desire = (device: DeviceId, values: Readonly<Record<string, string>>) => Promise<void>;

/** Where other rooms desire values of devices. */
export class DesireDesk {
  #desire: Desire | undefined;

  /** Undefined while no devices are served. */
  get desire(): Desire | undefined {
    return this.#desire;
  }

  /** Takes desires until the answer is disposed. */
  attach(desire: Desire): Disposable {
    this.#desire = desire;
    return { [Symbol.dispose]: () => (this.#desire = undefined) };
  }
}
