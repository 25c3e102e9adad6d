/** Who asks, as proved by a certificate or a token. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** Told apart from an earlier user of the same name; empty when nobody says. */
  readonly uid?: string;
  /** What else the proof says, for example the pod that a token is bound to. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Every user that proved a name is in it. */
export const everyone = 'system:authenticated';
/** Its members may do everything. */
export const masters = 'system:masters';

const accountPrefix = 'system:serviceaccount:';

/**
 * The name that a ServiceAccount has as a user.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
 */
export function accountUserName(namespace: string, name: string): string {
  return `${accountPrefix}${namespace}:${name}`;
}

/** The groups of a ServiceAccount. */
export function accountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** The ServiceAccount that a user is, if it is one. */
export function accountOf(user: string): { namespace: string; name: string } | undefined {
  if (!user.startsWith(accountPrefix)) return undefined;
  const [namespace = '', name = '', ...beyond] = user.slice(accountPrefix.length).split(':');
  return namespace === '' || name === '' || beyond.length > 0 ? undefined : { namespace, name };
}
