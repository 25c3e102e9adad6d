import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { codeOf, EdgeError, messageOf } from './errors.ts';

/** Largest WebSocket message either side accepts, bytes. A larger one closes the connection (1009). */
export const maxMessageBytes: number = 16 * 1024 * 1024;

/** The connection could not be made, or broke. */
export class ConnectionFailed extends EdgeError {
  readonly code = 'link.connection-failed';
  readonly disposition = 'retry';
  /** Whether somebody was there: false when no packet came back, or only the network's refusal. */
  readonly answered: boolean;

  constructor(message: string, options: ErrorOptions & { readonly answered: boolean }) {
    super(message, options);
    this.answered = options.answered;
  }
}

/** What the system says when there is nobody at an address, or no way to it. */
const unanswered = new Set([
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Why a connection ended: RFC 6455 §7.4 code and reason; 1006 when it broke without a word. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/**
 * One WebSocket connection as messages of bytes. Compression is off: it costs more CPU and memory
 * than the bytes are worth here.
 */
export interface Socket {
  /** Bytes handed over and not yet given to the network. */
  readonly bufferedBytes: number;
  send(message: Uint8Array): void;
  /** The messages that arrive, in order; ends when the connection does. Take it once. */
  messages(): AsyncIterable<Uint8Array>;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<Closed>;
  /** Says goodbye; after two seconds without an answer the connection is cut. */
  close(code: number, reason: string): void;
  /** Cuts the connection at once. */
  cut(): void;
}

/** Messages read ahead of the consumer before the socket is paused. */
const readAheadMessages = 64;
const closeGraceMs = 2_000;

class WsSocket implements Socket {
  readonly #ws: WebSocket;
  readonly #arrived: Uint8Array[] = [];
  readonly closed: Promise<Closed>;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('error', () => undefined); // 'close' follows and tells
    ws.on('message', (message: Buffer) => this.#receive(message));
    this.closed = new Promise((resolve) => {
      ws.once('close', (code, reason) => {
        this.#ended = true;
        this.#wake?.();
        resolve({ code, reason: reason.toString('utf8') });
      });
    });
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  send(message: Uint8Array): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(message);
  }

  async *messages(): AsyncIterable<Uint8Array> {
    for (;;) {
      const next = this.#arrived.shift();
      if (next) {
        if (this.#ws.isPaused && this.#arrived.length < readAheadMessages / 2) this.#ws.resume();
        yield next;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    }
  }

  close(code: number, reason: string): void {
    if (this.#ws.isPaused) this.#ws.resume();
    this.#ws.close(code, reason.slice(0, 120));
    setTimeout(() => this.#ws.terminate(), closeGraceMs).unref();
  }

  cut(): void {
    this.#ws.terminate();
  }

  #receive(message: Buffer): void {
    this.#arrived.push(message);
    if (this.#arrived.length >= readAheadMessages) this.#ws.pause();
    this.#wake?.();
  }
}

export interface DialOptions {
  /** PEM: who we trust, who we are. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly timeoutMs: number;
}

/** Connects to `url` (`wss://…`) with mutual TLS; throws ConnectionFailed. */
export async function dial(
  url: string,
  options: DialOptions,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const ws = new WebSocket(url, {
    ca: options.ca,
    cert: options.cert,
    key: options.key,
    handshakeTimeout: options.timeoutMs,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
  });
  const socket = new WsSocket(ws); // listens at once: a message may ride with the handshake
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => ws.terminate();
    signal.addEventListener('abort', onAbort, { once: true });
    ws.once('open', () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    ws.once('error', (error) => {
      signal.removeEventListener('abort', onAbort);
      reject(
        signal.aborted
          ? (signal.reason as Error)
          : new ConnectionFailed(`failed to connect to ${url}: ${messageOf(error)}`, {
              cause: error,
              answered: !unanswered.has(codeOf(error)) && !isTimeout(error),
            }),
      );
    });
  });
  return socket;
}

/** The words of `ws` for an attempt that took longer than its handshakeTimeout. */
function isTimeout(error: Error): boolean {
  return error.message === 'Opening handshake has timed out';
}

/** Turns HTTP upgrade requests into sockets. The caller has decided that the peer may come in. */
export class SocketAcceptor {
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
  });

  accept(request: IncomingMessage, raw: Duplex, head: Buffer): Promise<Socket> {
    return new Promise((resolve) => {
      this.#server.handleUpgrade(request, raw, head, (ws) => resolve(new WsSocket(ws)));
    });
  }
}

/** Common Name of the verified client certificate, or undefined when there is none. */
export function peerCommonName(request: IncomingMessage): string | undefined {
  const { socket } = request;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const name = socket.getPeerCertificate().subject.CN;
  return typeof name === 'string' ? name : undefined;
}
