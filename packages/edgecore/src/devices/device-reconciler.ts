import type { Clock } from '@skerry/shared/clock';
import { keyParts, type ObjectKey } from '@skerry/shared/names';
import type { ObjectReader } from '../meta/object-reader.ts';
import { describeDevice, described } from './description.ts';
import {
  deviceIdOf,
  deviceKey,
  deviceModelKey,
  deviceModelsResource,
  devicesResource,
  namespaceOf,
  type DeviceId,
} from './device-id.ts';
import { readDevice, readModel, type Labels, type ModelSpec } from './device-object.ts';
import type { EdgeEvent } from '../link/event-reports.ts';
import type { EventSubject } from './device-events.ts';
import { describe, type Described, type DeviceTwin } from './device-twin.ts';
import type { Roster } from './roster.ts';
import { lostWishes } from './twin.ts';
import type { TwinChange, TwinStore } from './twin-store.ts';

export interface DeviceReconcilerParts {
  readonly objects: ObjectReader;
  readonly twins: TwinStore;
  readonly roster: Roster;
  /** Has a Device looked at again. */
  readonly wake: (key: ObjectKey) => void;
  /** Says what happened to a device. */
  readonly tell: (about: EventSubject, event: EdgeEvent) => Promise<void>;
  /** Tells programs at the edge of a Device's labels. */
  readonly relabelled: (device: DeviceId, before: Labels, after: Labels) => void;
  /** Has a device's status and desired values looked at. */
  readonly described: (device: DeviceId) => void;
  readonly clock: Clock;
}

/** Makes twins and mappers those of the Device objects placed on this node. */
export class DeviceReconciler {
  readonly #parts: DeviceReconcilerParts;

  constructor(parts: DeviceReconcilerParts) {
    this.#parts = parts;
  }

  /** One turn for one object. Throws MalformedDevice, StoreWriteFailed. */
  async reconcile(key: ObjectKey): Promise<void> {
    const { resource, namespace, name } = keyParts(key);
    if (resource === devicesResource) await this.#device(key);
    if (resource === deviceModelsResource)
      for (const device of this.#parts.roster.devicesOf(namespace, name))
        this.#parts.wake(deviceKey(device));
  }

  async #device(key: ObjectKey): Promise<void> {
    const { objects, twins, roster, clock } = this.#parts;
    const id = deviceIdOf(key);
    const held = await objects.get(key);
    if (!held) {
      await roster.remove(id);
      await twins.update(id, () => undefined);
    } else {
      const device = readDevice(held.object);
      const model = await this.#model(namespaceOf(id), device.modelName);
      const description = describeDevice(id, device, model);
      const wanted = described(description, device);
      const change = await twins.update(id, (twin) => describe(twin, wanted, clock.now()));
      const labels = roster.get(id)?.description.labels ?? {};
      await roster.serve(description, device.shown);
      this.#parts.relabelled(id, labels, device.labels);
      await this.#tellLost(change, wanted);
    }
    this.#parts.described(id);
  }

  /** Whoever wrote at the edge is told that the cloud's value stands. */
  async #tellLost({ device, before, after }: TwinChange, { wishes }: Described): Promise<void> {
    if (!before || !after) return;
    for (const { property, value } of lostWishes(
      before.properties,
      after.properties,
      wishes.settled,
    )) {
      await this.#parts.tell(
        { device, uid: after.uid },
        {
          type: 'Warning',
          reason: 'DesiredValueLost',
          message: `${property}: ${value}, written at the edge, gave way to the cloud: ${standing(after, property)}`,
        },
      );
    }
  }

  async #model(namespace: string, name: string | undefined): Promise<ModelSpec | undefined> {
    if (!name) return undefined;
    const held = await this.#parts.objects.get(deviceModelKey(namespace, name));
    return held && readModel(held.object);
  }
}

function standing({ properties }: DeviceTwin, property: string): string {
  if (!properties.has(property)) return 'there is no such property any more';
  const stands = properties.get(property)?.desired?.value;
  return stands === undefined ? 'none is desired now' : `${stands} stands`;
}
