import { Socket } from 'node:net';
import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
import { fullJitter } from '@skerry/shared/backoff';
import type { Clock, Random } from '@skerry/shared/clock';
import { Misconfiguration, codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Counter, Metrics } from '@skerry/shared/metrics';
import {
  BusOverflow,
  BusUnavailable,
  PayloadTooLarge,
  maxPayloadBytes,
  type Bus,
  type BusMessage,
  type MessageHandler,
  type PublishOptions,
  type Qos,
} from './bus.ts';
import { TopicIndex } from './topic-filter.ts';

/** Which broker, and who we are to it. */
export interface MqttSettings {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM: the authority that the broker's certificate comes from. */
  readonly ca?: string;
}

/** Messages being dealt with; beyond it nothing more is read, and the broker keeps the rest. */
export const maxUnsettledMessages = 1_000;
/** Publications waiting for their acknowledgement; beyond it new ones are refused. */
export const maxUnacknowledged = 8_192;

const keepaliveSeconds = 30;
const connectTimeoutMs = 10_000;
const subscribeBatch = 100;
const redial = { firstMs: 200, maxMs: 10_000 };

export interface MqttBusParts {
  readonly settings: MqttSettings;
  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * One MQTT 3.1.1 connection, made again whenever it is lost. Sessions are clean: what is published
 * while we are away is not ours, unless it is retained.
 */
export class MqttBus implements Bus {
  readonly #parts: MqttBusParts;
  readonly #handlers = new TopicIndex<MessageHandler>();
  readonly #qos = new Map<string, Qos>();
  readonly #refused: Counter;
  #client: MqttClient | undefined;
  #unsettled = 0;
  #unacknowledged = 0;
  /** Reads on; set while too many messages are unsettled. */
  #readOn: (() => void) | undefined;

  /** Throws Misconfiguration when the URL is not one of a broker. */
  constructor(parts: MqttBusParts) {
    if (!/^(mqtts?|wss?):$/.test(URL.parse(parts.settings.url)?.protocol ?? ''))
      throw new Misconfiguration(`not the URL of an MQTT broker: ${parts.settings.url}`);
    this.#parts = parts;
    this.#refused = parts.metrics.counter(
      'mqtt_publications_refused_total',
      'Publications refused because too many were unacknowledged.',
    );
    parts.metrics.gaugeOf('mqtt_connected', 'Whether the MQTT broker is connected.', () =>
      this.#client ? 1 : 0,
    );
    parts.metrics.gaugeOf(
      'mqtt_messages_unsettled',
      'MQTT messages being dealt with.',
      () => this.#unsettled,
    );
  }

  /** Keeps the connection until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log, settings } = this.#parts;
    let delays = fullJitter(redial, random);
    for (;;) {
      const { connected, why } = await this.#connection(signal);
      if (signal.aborted) return;
      if (connected) delays = fullJitter(redial, random);
      const afterMs = delays.next().value;
      log.warn(
        { code: codeOf(why), url: settings.url, why: messageOf(why), afterMs },
        'MQTT broker not connected, will dial again',
      );
      await clock.sleep(afterMs, signal).catch((error: unknown) => {
        if (!isAbort(error, signal)) throw error;
      });
    }
  }

  subscribe(filter: string, handler: MessageHandler, qos: Qos = 1): Disposable {
    const entry: MessageHandler = (message) => handler(message); // the same handler may come twice
    this.#handlers.add(filter, entry);
    const highest = Math.max(qos, this.#qos.get(filter) ?? 0) as Qos;
    this.#qos.set(filter, highest);
    if (this.#client) this.#ask(this.#client, { [filter]: { qos: highest } });
    return { [Symbol.dispose]: () => this.#unsubscribe(filter, entry) };
  }

  publish(
    topic: string,
    payload: string | Uint8Array,
    options: PublishOptions = {},
  ): Promise<void> {
    const bytes = Buffer.byteLength(payload);
    if (bytes > maxPayloadBytes)
      return Promise.reject(new PayloadTooLarge(`${bytes} bytes are more than ${maxPayloadBytes}`));
    const client = this.#client;
    if (!client) return Promise.reject(new BusUnavailable('the MQTT broker is not connected'));
    if (this.#unacknowledged >= maxUnacknowledged) {
      this.#refused.inc();
      return Promise.reject(
        new BusOverflow(`${maxUnacknowledged} publications are unacknowledged`),
      );
    }
    const { qos = 1, retain = false } = options;
    const body = typeof payload === 'string' ? payload : Buffer.from(payload);
    this.#unacknowledged += 1;
    return new Promise((resolve, reject) => {
      client.publish(topic, body, { qos, retain }, (error) => {
        this.#unacknowledged -= 1;
        if (error) reject(new BusUnavailable(`failed to publish to ${topic}`, { cause: error }));
        else resolve();
      });
    });
  }

  /** One connection from dialling to its end. Never rejects. */
  async #connection(signal: AbortSignal): Promise<{ connected: boolean; why: unknown }> {
    const client = this.#dial();
    let connected = false;
    let why: unknown = new BusUnavailable('the broker closed the connection');
    const cut = (): void => void client.end(true);
    client.handleMessage = (packet, done) => this.#receive(packet, done);
    // packets are small and answered: with Nagle's algorithm each second one would wait 40 ms
    if (client.stream instanceof Socket) client.stream.setNoDelay();
    client.on('connect', () => {
      connected = true;
      this.#client = client;
      this.#parts.log.info({ url: this.#parts.settings.url }, 'MQTT broker connected');
      this.#subscribeAll(client);
    });
    client.on('error', (error) => {
      why = error;
      cut();
    });
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    await new Promise<void>((resolve) => client.once('close', resolve));
    signal.removeEventListener('abort', cut);
    this.#client = undefined;
    this.#readOn = undefined;
    cut(); // also rejects what is still unacknowledged
    return { connected, why };
  }

  #dial(): MqttClient {
    const { settings, clientId } = this.#parts;
    return connect(settings.url, {
      clientId,
      protocolVersion: 4,
      clean: true,
      keepalive: keepaliveSeconds,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: 0, // dialling again is ours: with back-off and jitter
      resubscribe: false,
      subscribeBatchSize: subscribeBatch,
      ...(settings.username !== undefined && { username: settings.username }),
      ...(settings.password !== undefined && { password: settings.password }),
      ...(settings.ca !== undefined && { ca: settings.ca }),
    });
  }

  #subscribeAll(client: MqttClient): void {
    if (this.#qos.size === 0) return;
    this.#ask(client, Object.fromEntries([...this.#qos].map(([filter, qos]) => [filter, { qos }])));
  }

  #ask(client: MqttClient, filters: Record<string, { qos: Qos }>): void {
    client.subscribe(filters, (error) => {
      if (!error) return;
      const fields = { code: codeOf(error), filters: Object.keys(filters).slice(0, 10) };
      this.#parts.log.warn({ ...fields, why: error.message }, 'MQTT broker refused subscriptions');
    });
  }

  #unsubscribe(filter: string, entry: MessageHandler): void {
    if (!this.#handlers.remove(filter, entry)) return;
    this.#qos.delete(filter);
    this.#client?.unsubscribe(filter, () => undefined); // a connection lost meanwhile forgets it too
  }

  #receive(packet: IPublishPacket, done: () => void): void {
    const message: BusMessage = {
      topic: packet.topic,
      payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
      retained: packet.retain,
      receivedAt: this.#parts.clock.now(),
    };
    for (const handler of this.#handlers.select(message.topic)) void this.#hand(handler, message);
    if (this.#unsettled < maxUnsettledMessages) done();
    else this.#readOn = done;
  }

  /** Never rejects: a message that cannot be dealt with is logged, and the next one is read. */
  async #hand(handler: MessageHandler, message: BusMessage): Promise<void> {
    this.#unsettled += 1;
    try {
      await handler(message);
    } catch (error) {
      const fields = { code: codeOf(error), topic: message.topic, why: messageOf(error) };
      this.#parts.log.warn(fields, 'MQTT message could not be dealt with');
    } finally {
      this.#unsettled -= 1;
      if (this.#unsettled < maxUnsettledMessages / 2) this.#resume();
    }
  }

  #resume(): void {
    const readOn = this.#readOn;
    this.#readOn = undefined;
    readOn?.();
  }
}
