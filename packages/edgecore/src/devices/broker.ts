import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import { Misconfiguration, codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { aborted } from '@skerry/shared/supervise';
import { PacketMeter } from './packet-meter.ts';

/** Largest MQTT packet taken; a larger one ends its connection. */
export const maxPacketBytes: number = 1024 * 1024;
/** Clients connected at once; further connections are closed. */
export const maxClients = 1_000;
/** Topics with a retained message; a further one ends its publisher's connection. */
export const maxRetainedTopics = 10_000;

/** A client that takes nothing for so long is cut off, so that it cannot hold up the others. */
const drainTimeoutMs = 10_000;
const connectTimeoutMs = 10_000;

export interface BrokerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly log: Log;
}

export interface Broker extends AsyncDisposable {
  /** The port it listens on. */
  readonly port: number;
}

/** Runs the embedded broker until the signal aborts. Throws Misconfiguration when it cannot listen. */
export async function runBroker(options: BrokerOptions, signal: AbortSignal): Promise<void> {
  await using _broker = await openBroker(options);
  await aborted(signal);
}

/**
 * An MQTT 3.1.1 broker in this process. Retained messages and sessions live in memory and end with the
 * process; sessions end with their connection already (`session present` is always 0), so a client that
 * does not come back costs nothing.
 */
export async function openBroker({ host, port, log }: BrokerOptions): Promise<Broker> {
  const broker = new AckAfterPublish(log);
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

/**
 * aedes acknowledges a QoS 1 message before it hands it on. Here it is handed on first, from the step
 * in which aedes asks whether it may be published, and skipped when aedes comes to publish it.
 */
class AckAfterPublish extends Aedes {
  readonly #handedOn = new WeakSet<PublishPacket>();
  readonly #retained = new Set<string>();

  constructor(log: Log) {
    super({
      drainTimeout: drainTimeoutMs,
      connectTimeout: connectTimeoutMs,
      preConnect: (_client, packet, done) => {
        packet.clean = true;
        done(null, true);
      },
      authorizePublish: (_client, packet, done) => this.#admit(packet, (error) => done(error)),
    });
    const warn = (client: Client, error: Error): void =>
      log.warn({ client: client.id, why: error.message }, 'MQTT client cut off');
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
    else super.publish(packet, done);
  }

  #admit(packet: PublishPacket, done: Done): void {
    if (packet.topic.startsWith('$SYS/')) {
      done(new Error('topics below $SYS/ are the broker’s own'));
    } else if (packet.retain && !this.#keeps(packet)) {
      done(new Error(`more than ${maxRetainedTopics} retained messages`));
    } else if (packet.qos === 1) {
      super.publish(packet, (error) => {
        if (!error) this.#handedOn.add(packet);
        done(error);
      });
    } else {
      done();
    }
  }

  /** An empty retained message deletes the one that is kept [MQTT-3.3.1-10]. */
  #keeps({ topic, payload }: PublishPacket): boolean {
    if (payload.length === 0) this.#retained.delete(topic);
    else if (this.#retained.size < maxRetainedTopics) this.#retained.add(topic);
    else return this.#retained.has(topic);
    return true;
  }
}
