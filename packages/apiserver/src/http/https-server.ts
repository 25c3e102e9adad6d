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
const keepAliveMs = 120_000;

/** How long a connection may be silent before its other end is probed, milliseconds. */
const probeAfterMs = 30_000;

/** The HTTP door. Disposing ends every watch, lets other requests finish, and closes. */
export class HttpsDoor implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #closing: AbortController;
  readonly #open: Set<Promise<void>>;
  readonly #sockets: Set<Socket>;

  constructor(parts: {
    port: number;
    server: Server;
    closing: AbortController;
    open: Set<Promise<void>>;
    sockets: Set<Socket>;
  }) {
    this.port = parts.port;
    this.#server = parts.server;
    this.#closing = parts.closing;
    this.#open = parts.open;
    this.#sockets = parts.sockets;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    await Promise.all(this.#open);
    // Not closeAllConnections(): it does not know those that are still shaking hands.
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

export async function openHttpsDoor(
  parts: RestParts,
  tls: ServerTls,
  address: Address,
): Promise<HttpsDoor> {
  const openApi = new OpenApiDocuments(parts.registry);
  const doorParts = { ...parts, peers: new Peers(), openApi };
  const closing = new AbortController();
  const open = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const server = createServer(
    {
      ...tls,
      requestCert: true,
      rejectUnauthorized: false, // without a certificate one may still ask how the server is
      minVersion: 'TLSv1.2',
      keepAlive: true, // a client that vanished does not keep its watches forever
      keepAliveInitialDelay: probeAfterMs,
    },
    (request, response) => {
      const answered = serve(doorParts, request, response, closing.signal);
      open.add(answered);
      void answered.finally(() => open.delete(answered));
    },
  );
  server.keepAliveTimeout = keepAliveMs;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server, address);
  return new HttpsDoor({ port, server, closing, open, sockets });
}

/** One for all: making an error for each request that ends is slow. */
const requestOver = new DOMException('the request is over', 'AbortError');

/** Ends when the answer is written, the client is gone, or the server closes. */
async function serve(
  parts: DoorParts,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort(requestOver);
  response.once('close', end);
  response.on('error', (error) => parts.log.debug({ err: error }, 'client went away'));
  closing.addEventListener('abort', end, { once: true });
  if (closing.aborted) end(); // it came in just as the door was being closed
  try {
    await handle(parts, request, response, over.signal);
  } finally {
    closing.removeEventListener('abort', end);
  }
}
