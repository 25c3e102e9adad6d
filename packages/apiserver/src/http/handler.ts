import type { IncomingMessage, ServerResponse } from 'node:http';
import { codeOf, messageOf } from '@skerry/shared/errors';
import { StoreWriteFailed } from '@skerry/shared/store';
import { checkAllowed, type ResourceAttributes } from '../auth/authorize.ts';
import type { User } from '../auth/user.ts';
import type { OpenApiDocuments } from '../discovery/open-api.ts';
import { internalError, methodNotAllowed, unavailable, unknownPath } from '../refusals.ts';
import { subresourceOf, type Verb } from '../registry/resource.ts';
import type { Call, RestParts } from '../rest/call.ts';
import { dispatch } from '../rest/dispatch.ts';
import { isTrue } from '../rest/options.ts';
import { StatusError } from '../status-error.ts';
import { writeAnswer } from './answer-writer.ts';
import { backupPath, sendBackup } from './backup.ts';
import { readBody } from './body.ts';
import { formFor } from './forms/choose.ts';
import type { MeasuredRequests } from './measured-requests.ts';
import { answerPlainPath } from './plain-paths.ts';
import { send, sendFailure } from './reply.ts';
import { parseResourcePath, type ResourcePath } from './request-path.ts';
import { whoAsks, type WhoParts } from './who-asks.ts';

/** What the door adds to what the verbs work with. */
export interface DoorParts extends RestParts, Pick<WhoParts, 'peers' | 'tokens'> {
  readonly openApi: OpenApiDocuments;
  readonly measured: MeasuredRequests;
}

/** Answers one request. Never rejects: whatever goes wrong becomes a Status. */
export async function handle(
  parts: DoorParts,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  try {
    await answer(parts, request, response, signal);
  } catch (error) {
    if (response.destroyed) return; // the client went away, and nobody waits for an answer
    sendFailure(response, toFailure(parts, request, error));
  }
}

async function answer(
  parts: DoorParts,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const user = await whoAsks(parts, request);
  const accept = request.headers.accept ?? '';
  const path = parseResourcePath(url.pathname);
  if (!path) {
    const verb = (request.method ?? '').toLowerCase();
    checkAllowed(parts.authorizer, user, { verb, path: url.pathname });
    if (request.method !== 'GET') throw methodNotAllowed();
    if (url.pathname === backupPath) await sendBackup(parts, response);
    else send(response, await answerPlainPath(parts, url.pathname, accept));
    return;
  }
  const verb = verbOf(request.method ?? '', path, url.searchParams);
  const measured = parts.measured(verb);
  response.once('close', () => measured(response.statusCode));
  checkAllowed(parts.authorizer, user, attributesOf(verb, path, url.searchParams));
  const call = await toCall(parts, request, { user, path, query: url.searchParams });
  const form = formFor(call, accept, parts.clock); // before anything is done: nobody is refused afterwards
  const answered = await dispatch(parts, call, verb);
  await writeAnswer(response, { form, answer: answered, warnings: call.warnings }, signal);
}

interface Asked {
  readonly user: User;
  readonly path: ResourcePath;
  readonly query: URLSearchParams;
}

async function toCall(
  { registry }: RestParts,
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

function toFailure({ log }: RestParts, request: IncomingMessage, error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  log.error(
    { code: codeOf(error), method: request.method, url: request.url, err: error },
    'request failed',
  );
  if (error instanceof StoreWriteFailed) return unavailable(messageOf(error), 1);
  return internalError(messageOf(error));
}
