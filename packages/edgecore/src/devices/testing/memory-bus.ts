import {
  BusUnavailable,
  PayloadTooLarge,
  maxPayloadBytes,
  type Bus,
  type MessageHandler,
  type PublishOptions,
} from '../bus.ts';
import { TopicIndex, selects } from '../topic-filter.ts';

export interface Published {
  readonly topic: string;
  readonly payload: string;
}

/** A bus without a broker. Passes the contract of buses. */
export class MemoryBus implements Bus {
  /** What was published, in order. */
  readonly published: Published[] = [];
  /** Set to false to lose the broker. */
  connected = true;
  readonly #handlers = new TopicIndex<MessageHandler>();
  readonly #retained = new Map<string, Uint8Array>();
  #delivered: Promise<unknown> = Promise.resolve();

  subscribe(filter: string, handler: MessageHandler): Disposable {
    const entry: MessageHandler = (message) => handler(message);
    this.#handlers.add(filter, entry);
    for (const [topic, payload] of this.#retained)
      if (selects(filter, topic)) this.#deliver([entry], topic, payload, true);
    return { [Symbol.dispose]: () => void this.#handlers.remove(filter, entry) };
  }

  publish(
    topic: string,
    payload: string | Uint8Array,
    options: PublishOptions = {},
  ): Promise<void> {
    if (Buffer.byteLength(payload) > maxPayloadBytes)
      return Promise.reject(new PayloadTooLarge('too large'));
    if (!this.connected) return Promise.reject(new BusUnavailable('not connected'));
    const body = Buffer.from(payload as string);
    this.published.push({ topic, payload: body.toString('utf8') });
    if (options.retain && body.length === 0) this.#retained.delete(topic);
    else if (options.retain) this.#retained.set(topic, body);
    this.#deliver([...this.#handlers.select(topic)], topic, body, false);
    return Promise.resolve();
  }

  /** Resolves when every handler has dealt with everything published so far. */
  async settled(): Promise<void> {
    await this.#delivered;
  }

  #deliver(
    handlers: readonly MessageHandler[],
    topic: string,
    payload: Uint8Array,
    retained: boolean,
  ): void {
    const dealing = handlers.map((handler) =>
      Promise.resolve().then(() => handler({ topic, payload, retained, receivedAt: 0 })),
    );
    this.#delivered = Promise.allSettled([this.#delivered, ...dealing]);
  }
}
