import type { IncomingMessage } from 'node:http';
import { refusal, type ResourceAttributes } from '@skerry/apiserver/auth/authorize';
import { anonymous, type User } from '@skerry/apiserver/auth/user';
import { bearerToken } from '@skerry/apiserver/http/who-asks';
import { userOf } from '@skerry/apiserver/http/peer';
import { unauthorized } from '@skerry/apiserver/refusals';
import { parseJson } from '@skerry/shared/parse-json';
import { at, list, text } from '../kube/json-read.ts';
import type { KubeWriter } from '../kube/kube-api.ts';
import {
  apiVersionOf,
  subjectAccessReviews,
  tokenReviews,
  type ResourceType,
} from '../kube/resource.ts';

type Api = Pick<KubeWriter, 'create'>;

/**
 * Who asks: the one whom a certificate of our authority names, else the bearer of a token that the API
 * server knows. Throws StatusError when the proof is no good, and KubeError.
 */
export async function personOf(
  api: Api,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<User> {
  const token = bearerToken(request.headers);
  if (token === undefined) {
    const user = userOf(request.socket);
    if (user === anonymous) throw unauthorized();
    return user;
  }
  const { status } = await review(api, tokenReviews, { token }, signal);
  const name = text(at(status, 'user', 'username'));
  if (at(status, 'authenticated') !== true || name === undefined) throw unauthorized();
  const groups = list(at(status, 'user', 'groups')).flatMap((group) => text(group) ?? []);
  return { name, groups };
}

/** Throws StatusError unless the API server's own rules allow it, and KubeError. */
export async function checkAccess(
  api: Api,
  user: User,
  attributes: ResourceAttributes,
  signal: AbortSignal,
): Promise<void> {
  const { resource, ...asked } = attributes;
  const [plural = '', subresource = ''] = resource.split('/');
  const resourceAttributes = { ...asked, resource: plural, subresource };
  const spec = { user: user.name, groups: user.groups, resourceAttributes };
  const { status } = await review(api, subjectAccessReviews, spec, signal);
  if (at(status, 'allowed') !== true) throw refusal(user, attributes);
}

/** A question that is asked by creating an object, and never stored. */
async function review(
  api: Api,
  type: ResourceType,
  spec: object,
  signal: AbortSignal,
): Promise<{ readonly status: unknown }> {
  const question = { apiVersion: apiVersionOf(type), kind: type.kind, spec };
  return { status: at(parseJson(await api.create(type, '', question, signal)), 'status') };
}
