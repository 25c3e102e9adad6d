import type { IncomingMessage, ServerResponse } from 'node:http';
import { send, sendFailure } from '@skerry/apiserver/http/reply';
import {
  badRequest,
  internalError,
  methodNotAllowed,
  notFound,
  unavailable,
} from '@skerry/apiserver/refusals';
import { StatusError } from '@skerry/apiserver/status-error';
import { answerCodes, deviceHistorySubject } from '@skerry/proto/questions';
import { EdgeError, codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { MalformedName, objectKey, type NodeName } from '@skerry/shared/names';
import { requestTarget } from '@skerry/shared/request-target';
import type { KubeWriter } from '../kube/kube-api.ts';
import { devices } from '../kube/resource.ts';
import type { Placement } from '../route/placement.ts';
import { AnswerRefused, NoAnswer, NodeAway, type NodeQuestion } from '../session/question-desk.ts';
import { checkAccess, personOf } from './access.ts';

/** `/v1/devices/NAMESPACE/NAME/history`: what a property of a device was, as its node has it. */
const historyPath = /^\/v1\/devices\/([^/]+)\/([^/]+)\/history$/;
/** When to come back to a node that is away, seconds. */
const retryAfterSeconds = 10;
/** People answered at once: each costs requests to the API server before it is known who they are. */
const mostAtOnce = 64;

export interface HistoryParts {
  readonly api: Pick<KubeWriter, 'create'>;
  readonly placement: Pick<Placement, 'find'>;
  readonly sessions: {
    ask(node: NodeName, question: NodeQuestion, signal: AbortSignal): Promise<Uint8Array>;
  };
  readonly log: Log;
}

interface Asked {
  readonly namespace: string;
  readonly name: string;
  readonly query: URLSearchParams;
}

/** Answers a request, unless it is about something else: then false. */
export type HistoryDoor = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Answers people who ask for the history of a device, whatever goes wrong, and only so many at once. */
export function historyDoor(parts: HistoryParts): HistoryDoor {
  let open = 0;
  return (request, response) => {
    const asked = askedBy(request.url);
    if (!asked) return false;
    if (open >= mostAtOnce) {
      sendFailure(response, unavailable(`${open} histories are being told`, retryAfterSeconds));
      return true;
    }
    open++;
    void answer(parts, request, asked, response).finally(() => open--);
    return true;
  };
}

async function answer(
  parts: HistoryParts,
  request: IncomingMessage,
  asked: Asked,
  response: ServerResponse,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort(new DOMException('nobody waits', 'AbortError')));
  try {
    const body = await tell(parts, request, asked, left.signal);
    send(response, { type: 'application/json', body });
  } catch (error) {
    if (!response.destroyed) sendFailure(response, failureOf(parts, asked, error));
  }
}

function askedBy(url: string | undefined): Asked | undefined {
  const target = requestTarget(url);
  const [, namespace, name] = historyPath.exec(target?.pathname ?? '') ?? [];
  if (!target || namespace === undefined || name === undefined) return undefined;
  return { namespace, name, query: target.query };
}

/** The API server decides who may: `get` on the subresource `devices/history`, which only we serve. */
async function tell(
  { api, placement, sessions }: HistoryParts,
  request: IncomingMessage,
  { namespace, name, query }: Asked,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (request.method !== 'GET') throw methodNotAllowed();
  const user = await personOf(api, request, signal);
  const { group, plural } = devices;
  const resource = `${plural}/history`;
  await checkAccess(api, user, { verb: 'get', group, resource, namespace, name }, signal);
  const held = placement.find(objectKey(devices.name, namespace, name));
  if (!held) throw notFound(devices, name);
  const { node } = held.routing;
  if (node === undefined) throw badRequest(`device ${namespace}/${name} has no spec.nodeName`);
  const body = JSON.stringify({ ...Object.fromEntries(query), namespace, name });
  const question = { subject: deviceHistorySubject, body: new TextEncoder().encode(body) };
  return sessions.ask(node, question, signal);
}

function failureOf({ log }: HistoryParts, { namespace, name }: Asked, error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof MalformedName) return badRequest(error.message);
  if (error instanceof NodeAway) return unavailable(error.message, retryAfterSeconds);
  if (error instanceof NoAnswer)
    return new StatusError({ status: 504, reason: 'Timeout', message: error.message });
  if (error instanceof AnswerRefused) return refusedBy(error);
  log.warn({ device: `${namespace}/${name}`, code: codeOf(error) }, 'no history could be told');
  if (error instanceof EdgeError) return unavailable(messageOf(error), retryAfterSeconds);
  return internalError(messageOf(error));
}

function refusedBy({ why, message }: AnswerRefused): StatusError {
  if (why === answerCodes.malformed) return badRequest(message);
  if (why === answerCodes.notFound)
    return new StatusError({ status: 404, reason: 'NotFound', message });
  return unavailable(message, retryAfterSeconds);
}
