import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { listen, type Address } from '@skerry/shared/listen';
import { OpenApiDocuments } from '../discovery/open-api.ts';
import type { RestParts } from '../rest/call.ts';
import { handle, type DoorParts } from './handler.ts';
import { Peers } from './peer.ts';

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

/** One for all: making an error for each request that ends is slow. */
const requestOver = new DOMException('the request is over', 'AbortError');

/** The HTTP door. Disposing ends every watch, lets other requests finish for a while, and closes. */
export class HttpsDoor implements AsyncDisposable {
  readonly #parts: DoorParts;
  readonly #server: Server;
  readonly #closing = new AbortController();
  readonly #open = new Set<Promise<void>>();
  readonly #sockets = new Set<Socket>();

  constructor(parts: RestParts & Pick<DoorParts, 'measured'>, tls: ServerTls) {
    const openApi = new OpenApiDocuments(parts.registry);
    const tokens = { objects: parts.store, signer: parts.signer, now: () => parts.clock.now() };
    this.#parts = { ...parts, peers: new Peers(), tokens, openApi };
    this.#server = createServer({
      ...tls,
      requestCert: true,
      rejectUnauthorized: false, // without a certificate one may still ask how the server is
      minVersion: 'TLSv1.2',
      keepAlive: true, // a client that vanished does not keep its watches forever
      keepAliveInitialDelay: probeAfterMs,
    });
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

  /** Resolves with the port that was taken. */
  listen(address: Address): Promise<number> {
    return listen(this.#server, address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
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
    const grace = this.#parts.clock.sleep(closeGraceMs, enough.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.#open), grace]);
    enough.abort();
  }

  /** Ends when the answer is written, the client is gone, or the server closes. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort(requestOver);
    const closing = this.#closing.signal;
    response.once('close', end);
    response.on('error', (error) => this.#parts.log.debug({ err: error }, 'client went away'));
    closing.addEventListener('abort', end, { once: true });
    if (closing.aborted) end(); // it came in just as the door was being closed
    try {
      await handle(this.#parts, request, response, over.signal);
    } finally {
      closing.removeEventListener('abort', end);
    }
  }
}
