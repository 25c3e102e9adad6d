import { Socket } from 'node:net';
import { connect, type IPublishPacket, type MqttClient, type Packet } from 'mqtt';
import { fullJitter } from '@skerry/shared/backoff';
import type { Clock, Random } from '@skerry/shared/clock';
import { Misconfiguration, codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Counter, Metrics } from '@skerry/shared/metrics';
import { placeOf } from '@skerry/shared/place-of';
import { AcksInOrder } from './acks-in-order.ts';
import {
  BusOverflow,
  BusUnavailable,
  PayloadTooLarge,
  dealWith,
  maxPayloadBytes,
  type BusMessage,
  type MessageHandler,
  type PublishOptions,
  type Qos,
  type RunningBus,
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
  /** `3.1.1` unless given. */
  readonly version?: '3.1.1' | '5';
  /** Whether the broker keeps what is published while we are away; it does unless this is `clean`. */
  readonly session?: 'persistent' | 'clean';
}

/** Messages being dealt with; beyond it nothing more is read, and the broker keeps the rest. */
export const maxUnsettledMessages = 1_000;
/** Publications waiting for their acknowledgement; beyond it new ones are refused. */
export const maxUnacknowledged = 8_192;

/**
 * Nothing is subscribed to above this. What arrives with QoS 2 is the client's from the moment of its
 * PUBREC [MQTT-4.3.3], and the client keeps it in memory; a message that comes twice harms no twin.
 */
const highestQos = 1;
const keepaliveSeconds = 30;
const connectTimeoutMs = 10_000;
const subscribeBatch = 100;
/** How long an MQTT 5 broker keeps our session [MQTT5-3.1.2.11.2]; older ones are not told. */
const sessionExpirySeconds = 7 * 24 * 3_600;
const redial = { firstMs: 200, maxMs: 10_000 };

/** Through which the client sends every packet; not public, hence no part of its type. */
type SendPacket = (packet: Packet, sent?: () => void, ...rest: unknown[]) => void;

export interface MqttBusParts {
  readonly settings: MqttSettings;
  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * One MQTT connection to somebody's broker, made again whenever it is lost. A QoS 1 message is
 * acknowledged once every handler has dealt with it, and the session is persistent unless asked
 * otherwise: what is published while we are away, and what was not dealt with, comes again.
 */
export class MqttBus implements RunningBus {
  readonly #parts: MqttBusParts;
  readonly #handlers = new TopicIndex<MessageHandler>();
  readonly #qos = new Map<string, Qos>();
  readonly #refused: Counter;
  #client: MqttClient | undefined;
  #unsettled = 0;
  readonly #unacknowledged = new Set<(error?: Error | null) => void>();
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
        { code: codeOf(why), url: placeOf(settings.url), why: messageOf(why), afterMs },
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
    const wanted = Math.min(qos, highestQos);
    const highest = Math.max(wanted, this.#qos.get(filter) ?? 0) as Qos;
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
    if (this.#unacknowledged.size >= maxUnacknowledged) {
      this.#refused.inc();
      return Promise.reject(
        new BusOverflow(`${maxUnacknowledged} publications are unacknowledged`),
      );
    }
    const { qos = 1, retain = false } = options;
    const body = typeof payload === 'string' ? payload : Buffer.from(payload);
    return new Promise((resolve, reject) => {
      const settle = (error?: Error | null): void => {
        if (!this.#unacknowledged.delete(settle)) return;
        if (error) reject(new BusUnavailable(`failed to publish to ${topic}`, { cause: error }));
        else resolve();
      };
      this.#unacknowledged.add(settle);
      client.publish(topic, body, { qos, retain }, settle);
    });
  }

  /** One connection from dialling to its end. Never rejects. */
  async #connection(signal: AbortSignal): Promise<{ connected: boolean; why: unknown }> {
    const client = this.#dial();
    let connected = false;
    let why: unknown = new BusUnavailable('the broker closed the connection');
    const cut = (): void => void client.end(true);
    this.#acknowledgeLate(client);
    // packets are small and answered: with Nagle's algorithm each second one would wait 40 ms
    if (client.stream instanceof Socket) client.stream.setNoDelay();
    client.on('connect', () => {
      connected = true;
      this.#client = client;
      this.#parts.log.info({ url: placeOf(this.#parts.settings.url) }, 'MQTT broker connected');
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
    cut();
    // of a session that is kept, the client would keep them too, and we make a new one each time
    for (const settle of [...this.#unacknowledged]) settle(new Error('the connection broke'));
    return { connected, why };
  }

  /**
   * The client sends PUBACK when it is done with a message, and reads no further until then. Here it is
   * done at once, and its PUBACK is held back until the message has been dealt with.
   */
  #acknowledgeLate(client: MqttClient): void {
    const acks = new AcksInOrder();
    const held = new Map<number, ReturnType<AcksInOrder['expect']>>();
    const vendor = client as unknown as { _sendPacket: SendPacket };
    const send = vendor._sendPacket.bind(client);
    client.handleMessage = (packet, done) => {
      const ack = packet.qos === 1 ? acks.expect() : undefined;
      if (ack) held.set(packet.messageId ?? 0, ack);
      const failed = (): void => void client.end(true); // not acknowledged: it comes again
      void this.#receive(packet, done).then(() => ack?.settled(), failed);
    };
    vendor._sendPacket = (packet, sent, ...rest): void => {
      const ack = packet.cmd === 'puback' ? held.get(packet.messageId ?? 0) : undefined;
      if (!ack) {
        send(packet, sent, ...rest);
        return;
      }
      held.delete(packet.messageId ?? 0);
      ack.acknowledge(() => {
        if (this.#client === client) send(packet);
      });
      sent?.();
    };
  }

  #dial(): MqttClient {
    const { settings, clientId } = this.#parts;
    const isFive = settings.version === '5';
    const clean = settings.session === 'clean';
    return connect(settings.url, {
      clientId,
      protocolVersion: isFive ? 5 : 4,
      clean,
      ...(isFive && !clean && { properties: { sessionExpiryInterval: sessionExpirySeconds } }),
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

  /** Rejects when the message should come again. */
  async #receive(packet: IPublishPacket, done: () => void): Promise<void> {
    const message: BusMessage = {
      topic: packet.topic,
      payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
      retained: packet.retain,
      receivedAt: this.#parts.clock.now(),
    };
    this.#unsettled += 1;
    const handling = dealWith(this.#handlers.select(message.topic), message, this.#parts.log);
    if (this.#unsettled < maxUnsettledMessages) done();
    else this.#readOn = done;
    try {
      await handling;
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
