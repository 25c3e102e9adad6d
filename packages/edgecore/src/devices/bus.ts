import { EdgeError, codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';

/** Quality of service: at most once, at least once, exactly once [MQTT-4.3]. */
export type Qos = 0 | 1 | 2;

/** A message as it arrived. */
export interface BusMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** The broker kept it from before we subscribed [MQTT-3.3.1-8]: it may be old. */
  readonly retained: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number;
}

/**
 * Deals with one message. The promise settles when nothing more will come of it: what it had to leave
 * behind is on disk. Only then is the publisher of a QoS 1 message told that it has arrived; too many
 * unsettled ones stop further messages from being read. Must not wait for another message to arrive.
 */
export type MessageHandler = (message: BusMessage) => Promise<void>;

export interface PublishOptions {
  /** 1 unless given. */
  readonly qos?: Qos;
  /** False unless given. */
  readonly retain?: boolean;
}

/** No broker is connected now. */
export class BusUnavailable extends EdgeError {
  readonly code = 'mqtt.unavailable';
  readonly disposition = 'retry';
}

/** The broker acknowledges more slowly than we publish. */
export class BusOverflow extends EdgeError {
  readonly code = 'mqtt.overflow';
  readonly disposition = 'retry';
}

/** A message larger than brokers are asked to take. */
export class PayloadTooLarge extends EdgeError {
  readonly code = 'mqtt.payload-too-large';
  readonly disposition = 'reject';
}

/** Largest payload published, bytes: it leaves room for the topic in the embedded broker's limit. */
export const maxPayloadBytes: number = 960 * 1024;

/** Messages by topic, through a broker that may come and go. */
export interface Bus {
  /**
   * Calls `handler` for every message that `filter` selects, in the order of their arrival, until
   * disposed of. Holds across reconnections. The broker repeats its retained messages for every
   * subscription, so handlers must not mind to see one twice.
   */
  subscribe(filter: string, handler: MessageHandler, qos?: Qos): Disposable;
  /**
   * Resolves when the broker has acknowledged (at once for QoS 0). Rejects with BusUnavailable when it
   * is not connected or the connection breaks first, with BusOverflow when too many publications wait,
   * with PayloadTooLarge beyond `maxPayloadBytes`.
   */
  publish(topic: string, payload: string | Uint8Array, options?: PublishOptions): Promise<void>;
  /** Whether anybody but us listens on `topic`; where it is absent, nobody knows. */
  isHeard?(topic: string): boolean;
}

/** A bus with what keeps it going. */
export interface RunningBus extends Bus {
  /** Nothing arrives before this is called: until then handlers can be put in place without a gap. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Gives a message to its handlers. A message that cannot be dealt with, ever, is logged and done with;
 * what may go well another time is rejected with, so that the publisher is asked again.
 */
export async function dealWith(
  handlers: readonly MessageHandler[],
  message: BusMessage,
  log: Log,
): Promise<void> {
  const [only, ...others] = handlers;
  if (only && others.length === 0) await handTo(only, message, log);
  else await Promise.all(handlers.map((handler) => handTo(handler, message, log)));
}

async function handTo(handler: MessageHandler, message: BusMessage, log: Log): Promise<void> {
  try {
    await handler(message);
  } catch (error) {
    const fields = { code: codeOf(error), topic: message.topic, why: messageOf(error) };
    log.warn(fields, 'MQTT message could not be dealt with');
    if (error instanceof EdgeError && error.disposition === 'retry') throw error;
  }
}
