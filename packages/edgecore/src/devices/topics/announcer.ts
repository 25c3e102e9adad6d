import type { JsonObject } from '@skerry/apiserver/json';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import type { Bus } from '../bus.ts';
import type { DeviceId } from '../device-id.ts';
import type { Labels } from '../device-object.ts';
import { document, type PropertyTwin } from '../twin.ts';
import type { TwinChange, TwinStore } from '../twin-store.ts';
import type { Goal } from '../write-plan.ts';
import { viewDevice } from './membership.ts';
import { membershipUpdated, newsTopics } from './topic-names.ts';
import { viewProperty, viewTwin } from './twin-view.ts';

export interface AnnouncerParts {
  readonly bus: Bus;
  readonly node: NodeName;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells programs at the edge what happened without being asked. Nothing waits for it, and what cannot
 * be told because no broker is connected is not told later: whoever was there to listen is gone too.
 */
export class Announcer {
  readonly #parts: AnnouncerParts;
  #told = 0;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  /** `…/twin/update/document` for every change, and the node's membership when it changed. */
  changed({ device, before, after }: TwinChange): void {
    if (!before && after) this.#membership({ added_devices: [viewDevice(device, after)] });
    if (before && !after) this.#membership({ removed_devices: [viewDevice(device, before)] });
    if (!before || !after) return;
    const topics = this.#heard(newsTopics(device, 'twin/update/document'));
    if (topics.length === 0) return;
    const steps = [...document(before.properties, after.properties)];
    if (steps.length === 0) return;
    const twin = steps.map(([property, { last, current }]) => {
      const view: JsonObject = {
        last: last ? viewProperty(last) : null,
        current: current ? viewProperty(current) : null,
      };
      return [property, view] as const;
    });
    this.#tell(topics, { twin: Object.fromEntries(twin) });
  }

  /** `…/twin/update/delta`: what the device is asked to become. */
  delta(twins: TwinStore, device: DeviceId, goals: readonly Goal[]): void {
    const properties = twins.get(device)?.properties ?? new Map<string, PropertyTwin>();
    this.#tell(newsTopics(device, 'twin/update/delta'), {
      twin: viewTwin(
        properties,
        goals.map(({ property }) => property),
      ),
      delta: Object.fromEntries(goals.map(({ property, value }) => [property, value])),
    });
  }

  /** `…/updated`: labels of the Device that are new or another, and with null those that are gone. */
  attributes(device: DeviceId, before: Labels, after: Labels): void {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const changed = names.filter((name) => before[name] !== after[name]);
    if (changed.length === 0) return;
    const attributes = changed.map((name) => {
      const value = after[name];
      return [name, value === undefined ? null : { value, metadata: { type: 'string' } }] as const;
    });
    this.#tell(newsTopics(device, 'updated'), { attributes: Object.fromEntries(attributes) });
  }

  #membership(devices: JsonObject): void {
    this.#tell([membershipUpdated(this.#parts.node)], {
      added_devices: [],
      removed_devices: [],
      ...devices,
    });
  }

  #heard(topics: readonly string[]): readonly string[] {
    const { bus } = this.#parts;
    return topics.filter((topic) => bus.isHeard?.(topic) ?? true);
  }

  #tell(topics: readonly string[], body: JsonObject): void {
    const { bus, clock, log } = this.#parts;
    this.#told += 1;
    const timestamp = clock.now();
    const news = JSON.stringify({ event_id: `${timestamp}-${this.#told}`, timestamp, ...body });
    for (const topic of topics) {
      bus.publish(topic, news).catch((error: unknown) => {
        log.debug({ topic, code: codeOf(error), why: messageOf(error) }, 'news not published');
      });
    }
  }
}
