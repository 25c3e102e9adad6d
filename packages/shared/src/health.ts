import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from './errors.ts';
import { listen, type Address } from './listen.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { aborted } from './supervise.ts';

/** Undefined: all is well; so it is with a note, for `?verbose`. Otherwise what is not, in a few words. */
type Health = string | { readonly note: string } | undefined;
export type Check = () => Health | Promise<Health>;
/** What is answered at `/<name>` as JSON; undefined: not found. */
export type Documents = Readonly<Record<string, (query: URLSearchParams) => Promise<unknown>>>;
export type Checks = Readonly<Record<string, Check>>;

export interface HealthParts extends Address {
  /** What must hold for the process to be worth keeping (`/livez`). That it answers is the first. */
  readonly live?: Checks;
  /** What must hold for it to be of use (`/readyz`). */
  readonly ready: Checks;
  readonly documents?: Documents;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Told the port once the server listens. */
  readonly onListening?: (port: number) => void;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

const plain = 'text/plain; charset=utf-8';
const exposition = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Serves `/livez`, `/readyz` and `/metrics` over plain HTTP until `signal` aborts. `?verbose` lists
 * every check, `/readyz/<check>` asks for one; a failed check answers 500. Throws PortInUse.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export async function runHealthServer(parts: HealthParts, signal: AbortSignal): Promise<void> {
  const server = open(parts);
  const port = await listen(server, parts);
  parts.onListening?.(port);
  await aborted(signal);
  const closed = server[Symbol.asyncDispose]();
  server.closeAllConnections();
  await closed;
}

function open(parts: HealthParts): Server {
  return createServer({ requestTimeout: 10_000 }, (request, response) => {
    respond(parts, request, response).catch((error: unknown) => {
      parts.log.warn({ error: messageOf(error) }, 'health request failed');
      response.destroy();
    });
  });
}

async function respond(
  parts: HealthParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, type, body } = await answer(parts, request);
  response.writeHead(status, { 'content-type': type ?? plain, 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answer(parts: HealthParts, request: IncomingMessage): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, body: 'method not allowed\n' };
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const [root = '', only, ...rest] = pathname.slice(1).split('/');
  if (rest.length > 0) return notFound;
  const verbose = searchParams.has('verbose');
  switch (root) {
    case 'livez':
      return judge('livez', { ping: () => undefined, ...parts.live }, { only, verbose });
    case 'readyz':
      return judge('readyz', parts.ready, { only, verbose });
    case 'metrics':
      return { status: 200, type: exposition, body: await parts.metrics.text() };
    default:
      return document(parts.documents ?? {}, root, searchParams);
  }
}

async function document(
  documents: Documents,
  name: string,
  query: URLSearchParams,
): Promise<Answer> {
  const found = Object.hasOwn(documents, name) ? await documents[name]?.(query) : undefined;
  return found === undefined
    ? notFound
    : { status: 200, type: 'application/json', body: `${JSON.stringify(found)}\n` };
}

const notFound: Answer = { status: 404, body: 'not found: try /livez, /readyz or /metrics\n' };

interface Question {
  readonly only: string | undefined;
  readonly verbose: boolean;
}

async function judge(name: string, checks: Checks, { only, verbose }: Question): Promise<Answer> {
  const asked = Object.entries(checks).filter(([check]) => only === undefined || check === only);
  if (asked.length === 0 && only !== undefined) return notFound;
  const results = await Promise.all(
    asked.map(async ([check, run]) => ({ check, health: await healthOf(run) })),
  );
  const failed = results.some(({ health }) => typeof health === 'string');
  if (!failed && !verbose) return { status: 200, body: 'ok\n' };
  const lines = results.map(({ check, health }) =>
    typeof health === 'string'
      ? `[-]${check} failed: ${health}`
      : `[+]${check} ok${health ? `: ${health.note}` : ''}`,
  );
  const verdict = `${name} check ${failed ? 'failed' : 'passed'}`;
  return { status: failed ? 500 : 200, body: `${[...lines, verdict].join('\n')}\n` };
}

async function healthOf(check: Check): Promise<Health> {
  try {
    return await check();
  } catch (error) {
    return messageOf(error);
  }
}
