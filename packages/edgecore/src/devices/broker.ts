import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import { Misconfiguration, codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { BusOverflow, type PublishOptions } from './bus.ts';
import { PacketMeter } from './packet-meter.ts';
import { TopicIndex, selects } from './topic-filter.ts';

/** Largest MQTT packet taken; a larger one ends its connection. */
export const maxPacketBytes: number = 1024 * 1024;
/** Clients connected at once; further connections are closed. */
export const maxClients = 1_000;
/** Topics with a retained message; a further one ends its publisher's connection. */
export const maxRetainedTopics = 10_000;

const tooMany = `more than ${maxRetainedTopics} retained messages`;

/** A client that takes nothing for so long is cut off, so that it cannot hold up the others. */
const drainTimeoutMs = 10_000;
const connectTimeoutMs = 10_000;

/** A message as the broker holds it. */
export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface BrokerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly log: Log;
  /**
   * Called with every message, in the order of each client; answers undefined where it has no business
   * with it. A client is told that its message has arrived (PUBACK, PUBREC) only when this has resolved;
   * when it rejects, the client's connection is closed, so that it sends the message again.
   */
  readonly take?: (message: BrokerMessage) => Promise<void> | undefined;
}

export interface Broker extends AsyncDisposable {
  /** The port it listens on. */
  readonly port: number;
  /** Resolves when every subscriber has been handed it; rejects with BusOverflow where it cannot be kept. */
  publish(message: BrokerMessage, options: Required<PublishOptions>): Promise<void>;
  /** Whether a client listens on `topic`. */
  isHeard(topic: string): boolean;
  /** The retained messages that `filter` selects. */
  retained(filter: string): BrokerMessage[];
}

/**
 * An MQTT 3.1.1 broker in this process. Retained messages and sessions live in memory and end with the
 * process; sessions end with their connection already (`session present` is always 0), so a client that
 * does not come back costs nothing.
 */
export async function openBroker({ host, port, log, take }: BrokerOptions): Promise<Broker> {
  const broker = new AckAfterPublish(log, take ?? nobody);
  await broker.listen();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(broker, socket, log);
  });
  server.maxConnections = maxClients;
  await listen(server, host, port);
  const { port: bound } = server.address() as AddressInfo;
  log.info({ host, port: bound }, 'MQTT broker listens');
  return {
    port: bound,
    publish: (message, options) => broker.say(message, options),
    isHeard: (topic) => broker.isHeard(topic),
    retained: (filter) => broker.kept(filter),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serve(broker: Aedes, socket: Socket, log: Log): void {
  broker.handle(socket);
  const meter = new PacketMeter(maxPacketBytes);
  // aedes pulls with 'readable' and read(): every chunk it takes is also told here, unchanged
  socket.on('data', (chunk: Buffer) => {
    if (meter.admits(chunk)) return;
    log.warn({ peer: socket.remoteAddress }, 'MQTT client cut off: packet too large');
    socket.destroy();
  });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const why = codeOf(error) === 'EADDRINUSE' ? 'is in use' : `: ${messageOf(error)}`;
      reject(new Misconfiguration(`MQTT address ${host}:${port} ${why}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

type Done = (error?: Error) => void;
type Take = NonNullable<BrokerOptions['take']>;

const nothing = Promise.resolve(undefined);

function nobody(): undefined {
  return undefined;
}

/**
 * aedes acknowledges a QoS 1 message before it hands it on. Here it is handed on first, from the step
 * in which aedes asks whether it may be published, and skipped when aedes comes to publish it.
 */
class AckAfterPublish extends Aedes {
  readonly #handedOn = new WeakSet<PublishPacket>();
  /** The bytes are those that aedes keeps. */
  readonly #retained = new Map<string, Uint8Array>();
  readonly #take: Take;
  /** Clients by what they listen to. */
  readonly #listeners = new TopicIndex<Client>();

  constructor(log: Log, take: Take) {
    super({
      drainTimeout: drainTimeoutMs,
      connectTimeout: connectTimeoutMs,
      preConnect: (_client, packet, done) => {
        packet.clean = true;
        done(null, true);
      },
      authorizePublish: (_client, packet, done) => this.#admit(packet, (error) => done(error)),
      authorizeSubscribe: (client, subscription, done) => {
        this.#listeners.add(subscription.topic, client);
        done(null, subscription);
      },
    });
    const warn = (client: Client, error: Error): void =>
      log.warn({ client: client.id, why: error.message }, 'MQTT client cut off');
    this.#take = take;
    this.on('unsubscribe', (filters, client) => {
      for (const filter of filters) this.#listeners.remove(filter, client);
    });
    this.on('clientDisconnect', (client) => {
      for (const filter of this.#listeners.filters()) this.#listeners.remove(filter, client);
    });
    this.on('clientError', warn);
    this.on('connectionError', warn);
    // without a listener, an 'error' event would end the process
    this.addListener('error', (error: Error) =>
      log.error({ why: error.message }, 'MQTT broker failed'),
    );
  }

  override publish(packet: PublishPacket, second: Client | Done | null, third?: Done): void {
    const done = third ?? (typeof second === 'function' ? second : (): void => undefined);
    if (this.#handedOn.delete(packet)) done();
    else this.#handOn(packet, done);
  }

  /** Publishes a message of this process. */
  say({ topic, payload }: BrokerMessage, options: Required<PublishOptions>): Promise<void> {
    const packet: PublishPacket = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      dup: false,
      ...options,
    };
    if (options.retain && !this.#keeps(packet)) return Promise.reject(new BusOverflow(tooMany));
    return new Promise((resolve, reject) =>
      this.#handOn(packet, (error) => {
        if (error) reject(error);
        else resolve();
      }),
    );
  }

  isHeard(topic: string): boolean {
    return this.#listeners.select(topic).length > 0;
  }

  kept(filter: string): BrokerMessage[] {
    return [...this.#retained]
      .filter(([topic]) => selects(filter, topic))
      .map(([topic, payload]) => ({ topic, payload }));
  }

  /** Done once it is taken here and with every subscriber, never before this returns. */
  #handOn(packet: PublishPacket, done: Done): void {
    const taken = this.#taken(packet);
    if (this.#isNobodys(packet)) {
      void taken.then(done);
      return;
    }
    super.publish(packet, (error) => {
      if (error) done(error);
      else void taken.then(done);
    });
  }

  /** What kept it from being taken; only QoS 0 may be forgotten. */
  #taken({ topic, payload, qos }: PublishPacket): Promise<Error | undefined> {
    const taken = topic.startsWith('$SYS/')
      ? undefined
      : this.#take({ topic, payload: payload as Uint8Array });
    if (!taken) return nothing;
    return taken.then(
      () => undefined,
      (error: unknown) => (qos === 0 ? undefined : (error as Error)),
    );
  }

  /** Nobody but us gets it: aedes, which would look for sessions and subscribers, is spared it. */
  #isNobodys({ topic, retain }: PublishPacket): boolean {
    return !retain && !topic.startsWith('$SYS/') && !this.isHeard(topic);
  }

  #admit(packet: PublishPacket, done: Done): void {
    if (packet.topic.startsWith('$SYS/')) {
      done(new Error('topics below $SYS/ are the broker’s own'));
    } else if (packet.retain && !this.#keeps(packet)) {
      done(new Error(tooMany));
    } else if (packet.qos === 1) {
      this.#handOn(packet, (error) => {
        if (!error) this.#handedOn.add(packet);
        done(error);
      });
    } else {
      done();
    }
  }

  /** An empty retained message deletes the one that is kept [MQTT-3.3.1-10]. */
  #keeps({ topic, payload }: PublishPacket): boolean {
    const isKnown = this.#retained.has(topic);
    if (payload.length === 0) this.#retained.delete(topic);
    else if (isKnown || this.#retained.size < maxRetainedTopics)
      this.#retained.set(topic, payload as Uint8Array);
    else return false;
    return true;
  }
}
