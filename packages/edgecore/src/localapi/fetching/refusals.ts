import { unavailable } from '@skerry/apiserver/refusals';
import { subjectOf, type Call } from '@skerry/apiserver/rest/call';
import { StatusError } from '@skerry/apiserver/status-error';
import { answerCodes, nodeAccountsNamespace } from '@skerry/proto/questions';
import { messageOf } from '@skerry/shared/errors';
import type { NodeName } from '@skerry/shared/names';
import { HubAway, HubBusy, HubRefused } from '../../link/hub-questions.ts';
import type { Asker } from '../local-users.ts';

const retrySeconds = 1;

const reasons: Readonly<Record<string, readonly [number, string]>> = {
  'kube.unauthorized': [401, 'Unauthorized'],
  'kube.forbidden': [403, 'Forbidden'],
  'kube.not-found': [404, 'NotFound'],
  'kube.gone': [410, 'Expired'],
  'kube.invalid': [400, 'BadRequest'],
  [answerCodes.malformed]: [400, 'BadRequest'],
  [answerCodes.tooLarge]: [413, 'RequestEntityTooLarge'],
};

/** Whether it only says that the cluster could not be asked now. */
export function isAway(error: unknown): boolean {
  return error instanceof HubAway || (error instanceof HubRefused && !(error.why in reasons));
}

/** Pure: what the client is told of a read that has failed; errors of other kinds stay. */
export function refusalOf(
  error: unknown,
  { call, asker, node }: { readonly call: Call; readonly asker: Asker; readonly node: NodeName },
): unknown {
  if (error instanceof HubBusy) return unavailable(error.message, retrySeconds);
  if (isAway(error)) return awayFrom(call, messageOf(error));
  if (!(error instanceof HubRefused)) return error;
  const [status, reason] = reasons[error.why] ?? [500, 'InternalError'];
  const isAdmin = asker.token === undefined;
  const message =
    status === 403 && isAdmin
      ? `${error.message}; ${howToGrant(error.message, node)}`
      : error.message;
  const { group, plural } = subjectOf(call);
  const details = {
    ...(call.name !== '' && { name: call.name }),
    ...(group !== '' && { group }),
    kind: plural,
  };
  return new StatusError({ status, reason, message, details });
}

/** Nobody is told when to come back: clients would, again and again, before they say so. */
function awayFrom({ resource: { plural }, namespace, name }: Call, why: string): StatusError {
  const what = name === '' ? plural : `${plural} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  const message = `this node does not hold ${what}, and ${why}`;
  return new StatusError({ status: 503, reason: 'ServiceUnavailable', message });
}

/** The node's account, which nobody has given any right, is asked for; or the hub may not act as it. */
function howToGrant(message: string, node: NodeName): string {
  if (message.includes('cannot impersonate'))
    return 'the hub has not been given this right: apply deploy/rbac/cloudhub.yaml';
  const account = `${nodeAccountsNamespace}:${node}`;
  return `whoever administers the node may read there what a role bound to its account allows, for example: kubectl create clusterrolebinding ${node}-view --clusterrole=view --serviceaccount=${account}`;
}
