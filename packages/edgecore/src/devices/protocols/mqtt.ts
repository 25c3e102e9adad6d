import { EdgeError, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Counter } from '@skerry/shared/metrics';
import { aborted } from '@skerry/shared/supervise';
import type { Bus, BusMessage } from '../bus.ts';
import {
  DeviceMisconfigured,
  DeviceUnreachable,
  NotWritable,
  type DeviceConnection,
  type MappedDevice,
  type Mapper,
  type Protocol,
  type ReadingSink,
} from '../mapper.ts';
import type { Refusal } from '../device-twin.ts';
import type { Reading } from '../twin.ts';
import { readAvailability, stateSaid, type Availability } from './mqtt-availability.ts';
import { extract, readPayload, readVisitor, setPayload, type MqttVisitor } from './mqtt-visitor.ts';

export interface MqttProtocolParts {
  readonly bus: Bus;
  readonly log: Log;
  /** Counts payloads and values that could not be taken. */
  readonly refused: Counter;
}

/** Devices that publish readings on MQTT topics and take desired values from others. */
export function mqttProtocol(parts: MqttProtocolParts): Protocol {
  return {
    name: 'mqtt',
    mapper(device: MappedDevice): Mapper {
      const problems: string[] = [];
      const visitors = device.properties.map((property) => readVisitor(property, problems));
      const { availability, ignored } = readAvailability(device.config, problems);
      if (problems.length > 0) throw new DeviceMisconfigured(problems.join('; '));
      const log = parts.log.child({ device: device.id });
      const served = { visitors, availability };
      return {
        ignored,
        connect: () => Promise.resolve(new MqttConnection({ ...parts, log }, served)),
      };
    },
  };
}

interface ServedDevice {
  readonly visitors: readonly MqttVisitor[];
  readonly availability: Availability | undefined;
}

/** The bus reconnects by itself: this connection only ever ends with its signal. */
class MqttConnection implements DeviceConnection {
  readonly #parts: MqttProtocolParts;
  readonly #visitors: readonly MqttVisitor[];
  readonly #availability: Availability | undefined;

  constructor(parts: MqttProtocolParts, { visitors, availability }: ServedDevice) {
    this.#parts = parts;
    this.#visitors = visitors;
    this.#availability = availability;
  }

  async subscribe(sink: ReadingSink, signal: AbortSignal): Promise<void> {
    using subscriptions = new DisposableStack();
    for (const [topic, visitors] of Map.groupBy(this.#visitors, ({ topic }) => topic)) {
      if (topic === undefined) continue;
      const qos = Math.max(...visitors.map((visitor) => visitor.qos)) as MqttVisitor['qos'];
      const take = (message: BusMessage): Promise<void> => this.#take(visitors, message, sink);
      subscriptions.use(this.#parts.bus.subscribe(topic, take, qos));
    }
    const { bus } = this.#parts;
    const availability = this.#availability;
    if (availability)
      subscriptions.use(
        bus.subscribe(availability.topic, async ({ payload, retained, receivedAt }) => {
          const state = stateSaid(availability, payload);
          if (state) await sink({ readings: [], receivedAt, live: !retained, state });
        }),
      );
    await aborted(signal);
  }

  async write(property: string, value: string): Promise<void> {
    const visitor = this.#visitors.find((one) => one.property.name === property);
    if (visitor?.setTopic === undefined || !visitor.property.writable)
      throw new NotWritable(`property ${property} cannot be written`);
    const { setTopic, qos, retain } = visitor;
    try {
      await this.#parts.bus.publish(setTopic, setPayload(visitor, value), { qos, retain });
    } catch (error) {
      if (!(error instanceof EdgeError)) throw error;
      throw new DeviceUnreachable(messageOf(error), { cause: error });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #take(
    visitors: readonly MqttVisitor[],
    { topic, payload, retained, receivedAt }: BusMessage,
    sink: ReadingSink,
  ): Promise<void> {
    const content = readPayload(payload);
    const readings: Reading[] = [];
    const refused: Refusal[] = [];
    for (const visitor of visitors) {
      const extracted = extract(visitor, content);
      if (extracted.do === 'take') readings.push(extracted.reading);
      if (extracted.do !== 'refuse') continue;
      refused.push({ property: visitor.property.name, why: extracted.why });
      this.#refuse(topic, extracted.why);
    }
    if (readings.length + refused.length === 0) return;
    await sink({ readings, refused, receivedAt, live: !retained });
  }

  #refuse(topic: string, why: string): void {
    this.#parts.refused.inc();
    this.#parts.log.debug({ topic, why }, 'reading refused');
  }
}
