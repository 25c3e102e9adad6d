import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { EdgeError, codeOf, messageOf } from '@skerry/shared/errors';
import type { Credentials, KubeConnection } from './connection.ts';
import { TooLarge, Unavailable, errorFromAnswer, Unauthorized } from './kube-errors.ts';

/** Silence after which a request is given up, milliseconds; a watch may be silent once it has begun. */
export const requestTimeoutMs = 30_000;
/** Connections kept for requests. Watches hold one each besides. */
export const maxRequestSockets = 32;
/** Silence on a connection after which TCP asks whether the peer still lives. */
export const tcpKeepAliveMs = 15_000;
/** Largest answer read whole, bytes: a page of 500 objects at etcd's limit would not fit into memory. */
export const maxBodyBytes: number = 256 * 1024 * 1024;

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** In which form to answer; JSON unless it says otherwise. */
  readonly accept?: string;
  /** Beside those of the connection; they win over them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Largest answer read; `maxBodyBytes` unless given. */
  readonly maxBytes?: number;
}

interface Pool {
  readonly credentials: Credentials;
  readonly requests: HttpAgent;
  readonly watches: HttpAgent;
}

/** HTTP/1.1 requests to one API server over kept-alive connections. */
export class Transport implements Disposable {
  readonly #connection: KubeConnection;
  #pool: Pool | undefined;

  constructor(connection: KubeConnection) {
    this.#connection = connection;
  }

  /** The whole body of a 2xx answer. Throws KubeError. */
  async exchange(request: KubeRequest, signal: AbortSignal): Promise<Buffer> {
    try {
      return await readAccepted(await this.#send(request, 'requests', signal), request.maxBytes);
    } catch (error) {
      throw this.#translate(error, request, signal);
    }
  }

  /** The body of a 2xx answer as it arrives, however long it lasts. Throws KubeError, also midway. */
  async *stream(request: KubeRequest, signal: AbortSignal): AsyncGenerator<Buffer, void> {
    try {
      const answer = await this.#send(request, 'watches', signal);
      if (!isAccepted(answer)) await readAccepted(answer);
      answer.setTimeout(0);
      for await (const chunk of answer) yield chunk as Buffer;
    } catch (error) {
      throw this.#translate(error, request, signal);
    }
  }

  [Symbol.dispose](): void {
    this.#pool?.requests.destroy();
    this.#pool?.watches.destroy();
  }

  async #send(
    request: KubeRequest,
    pool: 'requests' | 'watches',
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const credentials = await this.#connection.credentials();
    const agent = credentials.agent ?? this.#poolFor(credentials)[pool];
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const attempt = (): Promise<IncomingMessage> =>
      once(this.#connection.server, { request, body, credentials, agent, signal });
    return attempt().catch((error: unknown) => {
      if (error instanceof StaleSocket) return attempt();
      throw error;
    });
  }

  /** New credentials get new connections; those that still carry the old ones end with their requests. */
  #poolFor(credentials: Credentials): Pool {
    if (this.#pool?.credentials === credentials) return this.#pool;
    const Agent = this.#connection.server.protocol === 'http:' ? HttpAgent : HttpsAgent;
    const old = this.#pool;
    this.#pool = {
      credentials,
      requests: new Agent({ keepAlive: true, maxSockets: maxRequestSockets, scheduling: 'lifo' }),
      watches: new Agent({ keepAlive: false }),
    };
    for (const sockets of Object.values(old?.requests.freeSockets ?? {}))
      for (const socket of sockets ?? []) socket.destroy();
    return this.#pool;
  }

  #translate(error: unknown, request: KubeRequest, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof Unauthorized) this.#connection.refused();
    if (error instanceof EdgeError) return error;
    const what = `${request.method} ${request.path.split('?')[0] ?? ''}`;
    return new Unavailable(`${what} failed: ${messageOf(error)}`, { cause: error });
  }
}

interface Attempt {
  readonly request: KubeRequest;
  readonly body: Buffer | undefined;
  readonly credentials: Credentials;
  readonly agent: HttpAgent;
  readonly signal: AbortSignal;
}

/**
 * The server closed a kept-alive connection just as we used it. The request was most likely never
 * looked at; a caller bears one that was carried out and is sent again (`AlreadyExists`, `NotFound`).
 */
class StaleSocket extends Error {}

function once(server: URL, attempt: Attempt): Promise<IncomingMessage> {
  const { request, body, credentials, agent, signal } = attempt;
  const send = server.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send({
      ...credentials.tls,
      agent,
      method: request.method,
      hostname: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port,
      path: `${server.pathname.replace(/\/$/, '')}${request.path}`,
      headers: { ...credentials.headers, ...headersOf(request, body), ...request.headers },
      signal,
    });
    outgoing.once('socket', (socket) => socket.setKeepAlive(true, tcpKeepAliveMs));
    outgoing.setTimeout(requestTimeoutMs, () => outgoing.destroy(new Error('no answer in time')));
    outgoing.once('response', resolve);
    outgoing.on('error', (error) => {
      const stale = outgoing.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(codeOf(error));
      reject(stale && !signal.aborted ? new StaleSocket(error.message) : error);
    });
    outgoing.end(body);
  });
}

function headersOf(
  request: KubeRequest,
  body: Buffer | undefined,
): Record<string, string | number> {
  const accept = {
    Accept: request.accept ?? 'application/json',
    'User-Agent': 'skerry-cloudhub',
  };
  if (!body) return accept;
  return {
    ...accept,
    'Content-Type': request.contentType ?? 'application/json',
    'Content-Length': body.length,
  };
}

function isAccepted({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function readAccepted(answer: IncomingMessage, most = maxBodyBytes): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > most) throw new TooLarge(`an answer of more than ${most} bytes`);
  }
  const body = Buffer.concat(chunks);
  if (!isAccepted(answer))
    throw errorFromAnswer(answer.statusCode ?? 0, body, answer.headers['retry-after']);
  return body;
}
