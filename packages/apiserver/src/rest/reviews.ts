import { apiAudiences, bearerOf } from '../auth/account-tokens.ts';
import type { Attributes } from '../auth/authorize.ts';
import { printRule, type PolicyRule } from '../auth/policy-rule.ts';
import { userInfo } from '../auth/user-info.ts';
import type { User } from '../auth/user.ts';
import { listAt, objectAt, textAt, type JsonObject, type KubeObject } from '../json.ts';
import { badRequest, invalid, methodNotAllowed } from '../refusals.ts';
import { invalid as fieldInvalid, type FieldError } from '../validation/field-error.ts';
import type { Answer } from './answer.ts';
import type { Call, RestParts } from './call.ts';
import { decodeObject } from './decode.ts';

type Ask = (parts: RestParts, call: Call, question: KubeObject) => JsonObject | Promise<JsonObject>;

/**
 * Questions that are asked by creating an object, and never stored: each answers the status.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
const questions: Readonly<Record<string, Ask>> = {
  SelfSubjectReview: (_parts, { user }) => ({ userInfo: userInfo(user) }),
  SelfSubjectAccessReview: (parts, { user }, question) => access(parts, user, question),
  SelfSubjectRulesReview: (parts, { user }, question) => rules(parts, user, question),
  SubjectAccessReview: (parts, _call, question) => access(parts, subject(question), question),
  LocalSubjectAccessReview: (parts, { namespace }, question) => {
    if ((textAt(question, 'spec', 'resourceAttributes', 'namespace') ?? '') !== namespace)
      throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
    return access(parts, subject(question), question);
  },
  TokenReview: (parts, _call, question) => tokenStatus(parts, question),
};

export async function review(parts: RestParts, call: Call): Promise<Answer> {
  const question = decodeObject(call);
  const ask = questions[question.kind];
  if (!ask) throw methodNotAllowed();
  const status = await ask(parts, call, question);
  return { type: 'plain', status: 201, body: { ...question, status } };
}

function access({ authorizer }: RestParts, user: User, question: KubeObject): JsonObject {
  const { allowed, reason } = authorizer.decide(user, attributesOf(question));
  return reason === '' ? { allowed } : { allowed, reason };
}

function attributesOf(question: KubeObject): Attributes {
  const spec = objectAt(question, 'spec') ?? {};
  const resource = objectAt(spec, 'resourceAttributes');
  const other = objectAt(spec, 'nonResourceAttributes');
  if ((resource === undefined) === (other === undefined))
    throw refused(question, [
      fieldInvalid(
        'spec.resourceAttributes',
        spec['resourceAttributes'],
        resource
          ? 'cannot be specified in combination with nonResourceAttributes'
          : 'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    ]);
  const text = (field: string): string => textAt(resource ?? other, field) ?? '';
  if (!resource) return { verb: text('verb'), path: text('path') };
  const [plural, subresource] = [text('resource'), text('subresource')];
  return {
    verb: text('verb'),
    group: text('group'),
    resource: subresource === '' ? plural : `${plural}/${subresource}`,
    namespace: text('namespace'),
    name: text('name'),
  };
}

/** Who a review is about, when it is not the one who asks. */
function subject(question: KubeObject): User {
  const name = textAt(question, 'spec', 'user') ?? '';
  const groups = texts(question, 'groups');
  if (name !== '' || groups.length > 0) return { name, groups };
  throw refused(question, [
    fieldInvalid('spec.user', '', 'at least one of user or group must be specified'),
  ]);
}

function rules({ authorizer }: RestParts, user: User, question: KubeObject): JsonObject {
  const namespace = textAt(question, 'spec', 'namespace') ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const all = authorizer.rulesFor(user, namespace);
  const print = (chosen: (rule: PolicyRule) => boolean): JsonObject[] =>
    all.filter(chosen).map(printRule);
  return {
    resourceRules: print(({ resources }) => resources.length > 0),
    nonResourceRules: print(({ nonResourceURLs }) => nonResourceURLs.length > 0),
    incomplete: false,
  };
}

async function tokenStatus(parts: RestParts, question: KubeObject): Promise<JsonObject> {
  const token = textAt(question, 'spec', 'token') ?? '';
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const audiences = texts(question, 'audiences');
  const { store, signer, knownTokens, clock } = parts;
  const tokens = { objects: store, signer, knownTokens, now: () => clock.now() };
  const asked = audiences.length === 0 ? apiAudiences : audiences;
  const bearer = await bearerOf(tokens, token, asked);
  if (!bearer) return { user: {}, error: 'invalid bearer token' };
  return {
    authenticated: true,
    user: userInfo(bearer.user),
    audiences: [...bearer.audiences],
  };
}

function texts(question: KubeObject, field: string): string[] {
  return listAt(question, 'spec', field).filter((item) => typeof item === 'string');
}

function refused({ kind, apiVersion, metadata }: KubeObject, errors: FieldError[]): Error {
  const [group = ''] = apiVersion.split('/');
  return invalid({ group, kind, name: metadata.name ?? '' }, errors);
}
