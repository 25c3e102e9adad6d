import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import type { KeyPair } from '@skerry/shared/pki';
import type { Json } from '../json.ts';
import type { ServedApi } from './served-api.ts';

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, text as it is. */
  readonly body?: Json;
  /** Absent: the administrator; null: nobody in particular. */
  readonly client?: KeyPair | null;
  readonly signal?: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as JSON; null when it is none. */
  readonly json: Json;
}

/** Asks the server once, over a connection of its own. */
export async function ask(api: ServedApi, path: string, question: Question = {}): Promise<Reply> {
  const response = await open(api, path, question);
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: text.startsWith('{') ? (JSON.parse(text) as Json) : null,
  };
}

/** The events of a watch, until it ends or `signal` aborts. */
export async function* watchEvents(
  api: ServedApi,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Json, void> {
  const response = await open(api, path, { signal });
  response.on('error', () => undefined); // the end that `signal` makes
  for await (const line of createInterface({ input: response })) yield JSON.parse(line) as Json;
}

async function open(
  { url, ca, admin }: ServedApi,
  path: string,
  { method = 'GET', headers = {}, body, client = admin, signal }: Question,
): Promise<IncomingMessage> {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const sent = request(url + path, {
    method,
    ca,
    agent: false,
    ...(client ?? {}),
    ...(signal ? { signal } : {}),
    headers: { ...headersOf(text), ...headers },
  });
  sent.end(text);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

/** Node frames the body of a DELETE only when it is told how long it is. */
function headersOf(text: string | undefined): Readonly<Record<string, string | number>> {
  if (text === undefined) return {};
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
}
