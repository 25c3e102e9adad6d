import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { listen, type Address } from '@skerry/shared/listen';
import { handle, type Served } from './handler.ts';
import { RequestEnd } from './request-end.ts';

/** PEM texts; `ca` verifies the certificates of clients. */
export interface ServerTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** How long a connection may stay open without a request, milliseconds. */
export const keepAliveMs = 120_000;
/** How long a connection may be silent before its other end is probed, milliseconds. */
export const probeAfterMs = 30_000;
/** How long a client may take to send the head of a request, and all of it, milliseconds. */
export const headersTimeoutMs = 30_000;
export const requestTimeoutMs = 60_000;
/** How long a request may take that is under way when the door closes, milliseconds. */
export const closeGraceMs = 2_000;

/** A server over TLS that lets everybody knock: who it is, their certificate or their token says. */
export function tlsServer(tls: ServerTls): HttpsServer {
  return createServer({
    ...tls,
    requestCert: true,
    rejectUnauthorized: false, // without a certificate one may still ask how the server is
    minVersion: 'TLSv1.2',
    keepAlive: true, // a client that vanished does not keep its watches forever
    keepAliveInitialDelay: probeAfterMs,
  });
}

/** The HTTP door. Disposing ends every watch, lets other requests finish for a while, and closes. */
export class Door implements AsyncDisposable {
  readonly #served: Served;
  readonly #server: Server | HttpsServer;
  /** Not listeners of one signal: to add one would cost a look at each that is there. */
  readonly #requests = new Set<RequestEnd>();
  #closing = false;
  #admits = false;
  readonly #open = new Set<Promise<void>>();
  readonly #sockets = new Set<Socket>();

  constructor(served: Served, server: Server | HttpsServer) {
    this.#served = served;
    this.#server = server;
    this.#server.keepAliveTimeout = keepAliveMs;
    this.#server.headersTimeout = headersTimeoutMs;
    this.#server.requestTimeout = requestTimeoutMs;
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const answered = this.#serve(request, response);
      this.#open.add(answered);
      void answered.finally(() => this.#open.delete(answered));
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Takes in a connection that came some other way; `listen` is not called then. */
  admit(socket: Socket): void {
    if (!this.#admits) this.#server.emit('listening'); // from then on Node looks whose time is over
    this.#admits = true;
    this.#server.emit('connection', socket);
  }

  /** Resolves with the port that was taken. */
  listen(address: Address): Promise<number> {
    return listen(this.#server, address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    for (const request of this.#requests) request.come();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    await this.#requestsEnded();
    // Not closeAllConnections(): it does not know those that are still shaking hands.
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#open);
    await closed;
  }

  /** Or have had their time: a client that stalls does not keep the door open. */
  async #requestsEnded(): Promise<void> {
    const enough = new AbortController();
    const grace = this.#served.clock.sleep(closeGraceMs, enough.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.#open), grace]);
    enough.abort();
  }

  /** Ends when the answer is written, the client is gone, or the server closes. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const end = new RequestEnd();
    this.#requests.add(end);
    const closed = new Promise<void>((resolve) => {
      response.once('close', () => {
        end.come();
        resolve();
      });
    });
    response.on('error', (error) => this.#served.log.debug({ err: error }, 'client went away'));
    if (this.#closing) end.come(); // it came in just as the door was being closed
    try {
      await handle(this.#served, request, response, end);
      await closed;
    } finally {
      this.#requests.delete(end);
    }
  }
}
