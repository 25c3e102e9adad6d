import { once } from 'node:events';
import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { EdgeError } from '@skerry/shared/errors';

/** The oldest Docker Engine API the adapter speaks; Podman 4 serves it too. */
export const ENGINE_API_VERSION = 'v1.41';

/** The engine answered, and said no. `status` is HTTP's. */
export class EngineRefused extends EdgeError {
  readonly code = 'runtime.engine-refused';
  readonly disposition = 'retry';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type QueryValue = string | number | boolean | object;

/** One call of the Engine API. */
export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the version, its parts encoded: `/containers/json`. */
  readonly path: string;
  /** What is an object goes as JSON. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** JSON, or bytes as they are. */
  readonly body?: object | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

type Request = typeof request;

/** HTTP as the engine speaks it, over a socket of this machine or TCP. */
export class EngineHttp {
  readonly #request: Request;
  readonly #target: RequestOptions;

  /** Dials nothing yet. `address` is in the form of DOCKER_HOST: `unix://PATH` or `tcp://HOST:PORT`. */
  constructor(address: string) {
    const isTls = address.startsWith('https:');
    this.#request = isTls ? tlsRequest : request;
    const agent = new (isTls ? TlsAgent : Agent)({ keepAlive: true });
    this.#target = { agent, ...placeOf(address) };
  }

  /**
   * The answer as it begins to come, when it is one of success; it must be read to its end. Throws
   * EngineRefused, or what went wrong on the way.
   */
  async open(call: EngineCall, signal: AbortSignal): Promise<IncomingMessage> {
    const { method, path, query = {}, body, headers = {} } = call;
    const [type, bytes] = contentOf(body);
    const asked = this.#request({
      ...this.#target,
      method,
      path: `/${ENGINE_API_VERSION}${path}${queryOf(query)}`,
      headers: { ...headers, ...type, 'content-length': bytes.length },
      signal,
    });
    asked.end(bytes);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const { statusCode = 500 } = answer;
    if (statusCode >= 200 && statusCode < 300) return answer;
    throw new EngineRefused(statusCode, refusal(await textOf(answer), statusCode));
  }

  /** The whole answer, as text. */
  async ask(call: EngineCall, signal: AbortSignal): Promise<string> {
    return textOf(await this.open(call, signal));
  }
}

function placeOf(address: string): RequestOptions {
  if (address.startsWith('unix://')) return { socketPath: address.slice(7) };
  const { hostname, port } = new URL(address);
  return { hostname: hostname.replace(/^\[|\]$/g, ''), port: port || 2375 };
}

function contentOf(body: EngineCall['body']): [Readonly<Record<string, string>>, Buffer] {
  if (body === undefined) return [{}, Buffer.alloc(0)];
  if (Buffer.isBuffer(body)) return [{ 'content-type': 'application/x-tar' }, body];
  return [{ 'content-type': 'application/json' }, Buffer.from(JSON.stringify(body))];
}

function queryOf(query: Readonly<Record<string, QueryValue>>): string {
  const words = Object.entries(query).map(
    ([name, value]) =>
      `${name}=${encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : value)}`,
  );
  return words.length === 0 ? '' : `?${words.join('&')}`;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
  return text;
}

/** The engine's own sentence. */
function refusal(text: string, status: number): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // what stands between us and the engine may answer in its own way
  }
  return text.trim() || `HTTP ${status}`;
}
