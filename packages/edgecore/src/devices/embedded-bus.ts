import type { Clock } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import { aborted } from '@skerry/shared/supervise';
import { openBroker, type Broker, type BrokerMessage, type BrokerOptions } from './broker.ts';
import {
  BusUnavailable,
  PayloadTooLarge,
  dealWith,
  maxPayloadBytes,
  type BusMessage,
  type MessageHandler,
  type PublishOptions,
  type RunningBus,
} from './bus.ts';
import { TopicIndex } from './topic-filter.ts';

export interface EmbeddedBusParts {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * The broker in this process, and our own way to it without a connection. A client is told that its
 * message has arrived once every handler has dealt with it: of QoS 1, nothing is lost with this process.
 */
export class EmbeddedBus implements RunningBus {
  readonly #parts: EmbeddedBusParts;
  readonly #handlers = new TopicIndex<MessageHandler>();
  #broker: Broker | undefined;
  #unsettled = 0;

  constructor(parts: EmbeddedBusParts) {
    this.#parts = parts;
    parts.metrics.gaugeOf('mqtt_connected', 'Whether the MQTT broker is connected.', () =>
      this.#broker ? 1 : 0,
    );
    parts.metrics.gaugeOf(
      'mqtt_messages_unsettled',
      'MQTT messages being dealt with.',
      () => this.#unsettled,
    );
  }

  /** The port it listens on, while it does. */
  get port(): number | undefined {
    return this.#broker?.port;
  }

  /** Takes clients in until the signal aborts. Throws Misconfiguration when it cannot listen. */
  async run(signal: AbortSignal): Promise<void> {
    const { host, port, log } = this.#parts;
    const take: BrokerOptions['take'] = (message) => this.#take(message);
    await using broker = await openBroker({ host, port, log, take });
    this.#broker = broker;
    await aborted(signal);
    this.#broker = undefined;
  }

  subscribe(filter: string, handler: MessageHandler): Disposable {
    const entry: MessageHandler = (message) => handler(message); // the same handler may come twice
    this.#handlers.add(filter, entry);
    for (const kept of this.#broker?.retained(filter) ?? [])
      void Promise.resolve().then(() => this.#hand([entry], this.#message(kept, true)));
    return { [Symbol.dispose]: () => void this.#handlers.remove(filter, entry) };
  }

  publish(
    topic: string,
    payload: string | Uint8Array,
    { qos = 1, retain = false }: PublishOptions = {},
  ): Promise<void> {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    if (bytes.length > maxPayloadBytes)
      return Promise.reject(
        new PayloadTooLarge(`${bytes.length} bytes are more than ${maxPayloadBytes}`),
      );
    if (!this.#broker) return Promise.reject(new BusUnavailable('the MQTT broker does not run'));
    return this.#broker.publish({ topic, payload: bytes }, { qos, retain });
  }

  isHeard(topic: string): boolean {
    return this.#broker?.isHeard(topic) ?? false;
  }

  #take(message: BrokerMessage): Promise<void> | undefined {
    const handlers = this.#handlers.select(message.topic);
    return handlers.length === 0 ? undefined : this.#hand(handlers, this.#message(message, false));
  }

  #message({ topic, payload }: BrokerMessage, retained: boolean): BusMessage {
    return { topic, payload, retained, receivedAt: this.#parts.clock.now() };
  }

  async #hand(handlers: readonly MessageHandler[], message: BusMessage): Promise<void> {
    this.#unsettled += 1;
    try {
      await dealWith(handlers, message, this.#parts.log);
    } finally {
      this.#unsettled -= 1;
    }
  }
}
