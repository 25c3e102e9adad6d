import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { requestTarget } from '@skerry/shared/request-target';
import { StoreWriteFailed } from '@skerry/shared/store';
import type { Audit, AuditTrail } from '../audit/audit-trail.ts';
import { checkAllowed, type Authorizer, type ResourceAttributes } from '../auth/authorize.ts';
import type { User } from '../auth/user.ts';
import {
  badRequest,
  internalError,
  methodNotAllowed,
  unavailable,
  unknownPath,
} from '../refusals.ts';
import { subresourceOf, type Verb } from '../registry/resource.ts';
import type { Registry } from '../registry/registry.ts';
import type { Answer } from '../rest/answer.ts';
import type { Call } from '../rest/call.ts';
import { isTrue } from '../rest/options.ts';
import { StatusError } from '../status-error.ts';
import { writeAnswer } from './answer-writer.ts';
import { readBody } from './body.ts';
import { formFor } from './forms/choose.ts';
import type { MeasuredRequests } from './measured-requests.ts';
import { sendFailure } from './reply.ts';
import type { RequestEnd } from './request-end.ts';
import { parseResourcePath, type ResourcePath } from './request-path.ts';
import { acting } from './who-asks.ts';

/** What a door serves: who is let in, to what, and what is done for them. */
export interface Served {
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly log: Log;
  /** Who asks, as proved. Throws Unauthorized. */
  readonly whoAsks: (request: IncomingMessage) => Promise<User>;
  /** Carries out what has been allowed, for as long as somebody waits. Throws StatusError to refuse it. */
  readonly perform: (call: Call, verb: Verb, end: RequestEnd) => Promise<Answer>;
  readonly measured: MeasuredRequests;
  readonly audit: Audit;
  /** Answers a GET of a path that is no resource. */
  readonly sendPlainPath: (
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ) => Promise<void>;
}

/** Answers one request. Never rejects: whatever goes wrong becomes a Status. */
export async function handle(
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
  end: RequestEnd,
): Promise<void> {
  const trail = served.audit(request, response);
  try {
    await answer(served, { request, response, trail }, end);
  } catch (error) {
    if (response.destroyed) return; // the client went away, and nobody waits for an answer
    const failure = toFailure(served, request, error);
    trail.failed(failure);
    sendFailure(response, failure);
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly trail: AuditTrail;
}

async function answer(served: Served, exchange: Exchange, end: RequestEnd): Promise<void> {
  const { request, response, trail } = exchange;
  const target = requestTarget(request.url);
  if (!target) throw badRequest('the request names no path');
  const { pathname, query } = target;
  const { authorizer, clock } = served;
  const proved = await served.whoAsks(request);
  const user = acting(authorizer, proved, request.headers);
  trail.asks(proved, user);
  const path = parseResourcePath(pathname);
  if (!path) {
    await answerPlain(served, exchange, user, pathname);
    return;
  }
  const verb = verbOf(request.method ?? '', path, query);
  trail.wants(verb, path);
  const measured = served.measured(verb);
  response.once('close', () => measured(response.statusCode));
  checkAllowed(authorizer, user, attributesOf(verb, path, query));
  trail.allowed();
  const call = await toCall(served, request, { user, path, query });
  const form = formFor(call, request.headers.accept ?? '', clock); // before anything is done: nobody is refused afterwards
  const answered = await served.perform(call, verb, end);
  if (answered.type === 'watch') trail.began();
  await writeAnswer(response, { form, answer: answered, warnings: call.warnings }, end);
}

/** A path that is no resource. */
async function answerPlain(
  { authorizer, sendPlainPath }: Served,
  { request, response, trail }: Exchange,
  user: User,
  path: string,
): Promise<void> {
  checkAllowed(authorizer, user, { verb: (request.method ?? '').toLowerCase(), path });
  trail.allowed();
  if (request.method !== 'GET') throw methodNotAllowed();
  await sendPlainPath(path, request, response);
}

interface Asked {
  readonly user: User;
  readonly path: ResourcePath;
  readonly query: URLSearchParams;
}

async function toCall(
  { registry }: Served,
  request: IncomingMessage,
  { user, path, query }: Asked,
): Promise<Call> {
  const resource = registry.find(path.group, path.version, path.plural);
  if (!resource || (path.namespace !== '' && !resource.namespaced)) throw unknownPath();
  const subresource = subresourceOf(resource, path.subresource);
  if (path.subresource !== '' && !subresource) throw unknownPath();
  return {
    resource,
    subresource,
    namespace: path.namespace,
    name: path.name,
    query,
    body: await readBody(request),
    user,
    userAgent: request.headers['user-agent'] ?? '',
    warnings: [],
  };
}

function verbOf(method: string, { name }: ResourcePath, query: URLSearchParams): Verb {
  switch (method) {
    case 'GET':
      if (isTrue(query.get('watch'))) return 'watch';
      return name === '' ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      throw methodNotAllowed();
  }
}

function attributesOf(verb: Verb, path: ResourcePath, query: URLSearchParams): ResourceAttributes {
  const { group, plural, subresource, namespace } = path;
  const resource = subresource === '' ? plural : `${plural}/${subresource}`;
  // A list or watch of one name needs no more than the right to that name.
  const name = path.name === '' ? nameSelected(query) : path.name;
  return { verb, group, resource, namespace, name };
}

function nameSelected(query: URLSearchParams): string {
  const [, name = ''] = /^metadata\.name==?([^,]+)$/.exec(query.get('fieldSelector') ?? '') ?? [];
  return name;
}

function toFailure({ log }: Served, request: IncomingMessage, error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  log.error(
    { code: codeOf(error), method: request.method, url: request.url, err: error },
    'request failed',
  );
  if (error instanceof StoreWriteFailed) return unavailable(messageOf(error), 1);
  return internalError(messageOf(error));
}
