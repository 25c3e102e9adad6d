import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { bearerOf, type TokenParts } from '../auth/account-tokens.ts';
import { refusal, type Authorizer, type ResourceAttributes } from '../auth/authorize.ts';
import { accountGroups, accountOf, anonymous, everyone, type User } from '../auth/user.ts';
import { badRequest, unauthorized } from '../refusals.ts';
import type { Peers } from './peer.ts';

export interface WhoParts {
  readonly peers: Peers;
  readonly tokens: TokenParts;
}

/**
 * Who asks: the one whom the certificate names, else the bearer of a token, else nobody in particular.
 * Throws Unauthorized when the proof is no good.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/
 */
export async function whoAsks(
  { peers, tokens }: WhoParts,
  request: IncomingMessage,
): Promise<User> {
  const user = peers.userOf(request.socket);
  if (user !== anonymous) return user;
  const token = bearerToken(request.headers);
  if (token === undefined) return anonymous;
  const bearer = await bearerOf(tokens, token);
  if (!bearer) throw unauthorized();
  return bearer.user;
}

/** The token of an `Authorization` header. */
export function bearerToken({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^Bearer\s+(\S+)\s*$/i.exec(authorization)?.[1];
}

const extraHeader = 'impersonate-extra-';

/**
 * The user that somebody acts as, for which they need the verb `impersonate` on each part of it; without
 * a wish to, themselves.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 */
export function acting(authorizer: Authorizer, user: User, headers: IncomingHttpHeaders): User {
  const name = headers['impersonate-user'];
  const groups = listed(headers['impersonate-group']);
  const uid = headers['impersonate-uid'];
  const extra = extraOf(headers);
  if (name === undefined) {
    if (groups.length > 0 || uid !== undefined || Object.keys(extra).length > 0)
      throw badRequest('requested groups, uid or extra without impersonating a user');
    return user;
  }
  const wanted = impersonated(String(name), groups);
  for (const attributes of needed(String(name), groups, String(uid ?? ''), extra))
    if (!authorizer.decide(user, attributes).allowed) throw refusal(user, attributes);
  return {
    ...wanted,
    ...(uid === undefined ? {} : { uid: String(uid) }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** Accounts are in their groups whether or not somebody says so, and everybody with a name in one. */
function impersonated(name: string, groups: readonly string[]): User {
  if (name === anonymous.name)
    return { name, groups: [...new Set([...groups, ...anonymous.groups])] };
  const account = accountOf(name);
  const own = account && groups.length === 0 ? accountGroups(account.namespace) : groups;
  return { name, groups: [...new Set([...own, everyone])] };
}

function needed(
  name: string,
  groups: readonly string[],
  uid: string,
  extra: Readonly<Record<string, readonly string[]>>,
): readonly ResourceAttributes[] {
  const account = accountOf(name);
  const act = (
    resource: string,
    target: string,
    group = '',
    namespace = '',
  ): ResourceAttributes => ({
    verb: 'impersonate',
    group,
    resource,
    namespace,
    name: target,
  });
  const authentication = 'authentication.k8s.io';
  return [
    account ? act('serviceaccounts', account.name, '', account.namespace) : act('users', name),
    ...groups.map((group) => act('groups', group)),
    ...(uid === '' ? [] : [act('uids', uid, authentication)]),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => act(`userextras/${key}`, value, authentication)),
    ),
  ];
}

function extraOf(headers: IncomingHttpHeaders): Readonly<Record<string, readonly string[]>> {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(extraHeader));
  return Object.fromEntries(
    found.map(([name, value]) => [decoded(name.slice(extraHeader.length)), listed(value)]),
  );
}

/** Node joins what comes several times with a comma. */
function listed(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : value.split(',')).map((item) => item.trim());
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    throw badRequest(`malformed key in an impersonation header: ${key}`);
  }
}
