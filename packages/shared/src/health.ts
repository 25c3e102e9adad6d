import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { UsageError, messageOf } from './errors.ts';
import { listen, type Address } from './listen.ts';
import { logLevels, type Log, type LogLevel } from './log.ts';
import type { Metrics } from './metrics.ts';
import { aborted } from './supervise.ts';
import { mayBeOfWebPage } from './web-page.ts';

/** Undefined: all is well; so it is with a note, for `?verbose`. Otherwise what is not, in a few words. */
type Health = string | { readonly note: string } | undefined;
export type Check = () => Health | Promise<Health>;
export type Checks = Readonly<Record<string, Check>>;

/** A request below `/<name>`; only programs of this very machine may PUT and DELETE. */
export interface Asked {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** What follows in the path, decoded; empty where nothing does. */
  readonly rest: string;
  readonly query: URLSearchParams;
  readonly body: string;
}
/** Answers with something for JSON; undefined: there is no such thing. A UsageError is told to who asks. */
export type Route = (asked: Asked) => Promise<unknown>;
export type Routes = Readonly<Record<string, Route>>;

/** A route with nothing below it that can only be read. */
export function readable(read: (query: URLSearchParams) => Promise<unknown>): Route {
  return async ({ method, rest, query }) => {
    if (method !== 'GET' || rest !== '') throw new UsageError('this can only be read');
    return read(query);
  };
}

export interface HealthParts extends Address {
  /** What must hold for the process to be worth keeping (`/livez`). That it answers is the first. */
  readonly live?: Checks;
  /** What must hold for it to be of use (`/readyz`). */
  readonly ready: Checks;
  /** What else is answered, by name. */
  readonly routes?: Routes;
  readonly metrics: Metrics;
  /** What `/log-level` shows and sets. */
  readonly logLevel: { level: LogLevel };
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
 * every check, `/readyz/<check>` asks for one; a failed check answers 500. `/log-level` shows how much is
 * logged, and a PUT from this very machine, with the level as its body, changes it. Throws PortInUse.
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
  const { status, type, body } = await answer(parts, request).catch(refusal);
  response.writeHead(status, { 'content-type': type ?? plain, 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function refusal(error: unknown): Answer {
  if (error instanceof UsageError) return { status: 400, body: `${error.message}\n` };
  throw error;
}

async function answer(parts: HealthParts, request: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/log-level') return logLevel(parts, request);
  const [, name = '', further = ''] = pathname.split('/');
  const found = routeOf(parts, name);
  if (found) return route(found, { further, query: searchParams }, request);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, body: 'method not allowed\n' };
  return checkOrMetrics(parts, pathname, searchParams);
}

function routeOf({ routes = {} }: HealthParts, name: string): Route | undefined {
  return Object.hasOwn(routes, name) ? routes[name] : undefined;
}

async function checkOrMetrics(
  parts: HealthParts,
  pathname: string,
  searchParams: URLSearchParams,
): Promise<Answer> {
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
      return notFound;
  }
}

const notFound: Answer = {
  status: 404,
  body: 'not found: try /livez, /readyz, /metrics or /log-level\n',
};

/** Bytes that may be put. */
const maxBodyBytes = 65_536;

async function route(
  found: Route,
  { further, query }: { readonly further: string; readonly query: URLSearchParams },
  request: IncomingMessage,
): Promise<Answer> {
  const rest = decoded(further);
  if (rest === undefined) return { status: 400, body: 'the path is not well encoded\n' };
  const method = (['GET', 'PUT', 'DELETE'] as const).find((one) => one === request.method);
  if (!method) return { status: 405, body: 'method not allowed\n' };
  if (method !== 'GET' && !isOwn(request))
    return { status: 403, body: 'this is changed on the machine itself\n' };
  const body = method === 'PUT' ? await bodyOf(request, maxBodyBytes) : '';
  const answered = await found({ method, rest, query, body });
  if (answered === undefined) return { status: 404, body: `there is no ${rest}\n` };
  return { status: 200, type: 'application/json', body: `${JSON.stringify(answered)}\n` };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The longest level has fewer bytes. */
const maxLevelBytes = 64;

/** Whoever can reach the port may read; to change it one must be on the machine, and no web page. */
async function logLevel(
  { logLevel: held, log }: HealthParts,
  request: IncomingMessage,
): Promise<Answer> {
  if (request.method === 'GET') return { status: 200, body: `${held.level}\n` };
  if (request.method !== 'PUT') return { status: 405, body: 'method not allowed\n' };
  if (!isOwn(request)) return { status: 403, body: 'the log level is set on the machine itself\n' };
  const said = (await bodyOf(request, maxLevelBytes)).trim();
  const level = logLevels.find((one) => one === said);
  if (!level) return { status: 400, body: `not a level: try ${logLevels.join(', ')}\n` };
  log.warn({ from: held.level, to: level }, 'the log level was changed');
  held.level = level;
  return { status: 200, body: `${level}\n` };
}

/** From this machine, and by no web page that somebody looks at on it. */
function isOwn({ socket, headers }: IncomingMessage): boolean {
  const from = socket.remoteAddress ?? '';
  return !mayBeOfWebPage(headers) && (from === '::1' || /^(?:::ffff:)?127\./.test(from));
}

/** Throws UsageError where there are more bytes than `most`, once they have gone by: who sends is answered. */
async function bodyOf(request: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
  }
  if (size > most) throw new UsageError(`the body has more than ${most} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}

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
