import { isAllowed, type Attributes } from '../auth/authorize.ts';
import { objectAt, textAt, type JsonObject } from '../json.ts';
import { methodNotAllowed } from '../refusals.ts';
import type { Answer } from './answer.ts';
import type { Call, RestParts } from './call.ts';
import { decodeObject } from './decode.ts';

/** Questions that are asked by creating an object, and never stored. */
export function review(_parts: RestParts, call: Call): Answer {
  const { kind, ...question } = decodeObject(call);
  switch (kind) {
    case 'SelfSubjectAccessReview':
      return answered({ ...question, kind, status: accessStatus(call, question) });
    case 'SelfSubjectReview':
      return answered({ ...question, kind, status: { userInfo: userInfo(call) } });
    default:
      throw methodNotAllowed();
  }
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/ */
function accessStatus({ user }: Call, question: JsonObject): JsonObject {
  const allowed = isAllowed(user, attributesOf(objectAt(question, 'spec') ?? {}));
  return allowed ? { allowed } : { allowed, reason: 'no rule allows it' };
}

function attributesOf(spec: JsonObject): Attributes {
  const text = (...path: string[]): string => textAt(spec, ...path) ?? '';
  const path = text('nonResourceAttributes', 'path');
  if (path !== '') return { verb: text('nonResourceAttributes', 'verb'), path };
  const subresource = text('resourceAttributes', 'subresource');
  const plural = text('resourceAttributes', 'resource');
  return {
    verb: text('resourceAttributes', 'verb'),
    group: text('resourceAttributes', 'group'),
    resource: subresource === '' ? plural : `${plural}/${subresource}`,
    namespace: text('resourceAttributes', 'namespace'),
    name: text('resourceAttributes', 'name'),
  };
}

function userInfo({ user }: Call): JsonObject {
  return { username: user.name, groups: [...user.groups] };
}

function answered(body: JsonObject): Answer {
  return { type: 'plain', status: 201, body };
}
