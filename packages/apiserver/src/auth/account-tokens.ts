import { textAt, type KubeObject } from '../json.ts';
import type { Held, StorageKey } from '../storage/held.ts';
import type { KnownTokens } from './token-file.ts';
import { issuer, type BindingKind, type Named, type TokenSigner } from './token-signer.ts';
import { accountGroups, accountUserName, everyone, type User } from './user.ts';

/** Audiences of tokens that this API server takes. */
export const apiAudiences: readonly string[] = [issuer];
/** A pod that is to be gone may use its token for a while longer, milliseconds. */
const afterDeletionMs = 60_000;

/** Where tokens' owners are looked up. */
export interface AccountObjects {
  get(key: StorageKey): Held | undefined;
}

export interface TokenParts {
  readonly objects: AccountObjects;
  readonly knownTokens: KnownTokens;
  readonly signer: TokenSigner;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Who showed a token, and for which of the audiences asked for. */
export interface TokenBearer {
  readonly user: User;
  readonly audiences: readonly string[];
}

/** Who holds a token; undefined when it is false, expired, or its account or what it is bound to is gone. */
export async function bearerOf(
  { objects, knownTokens, signer, now }: TokenParts,
  token: string,
  audiences: readonly string[] = apiAudiences,
): Promise<TokenBearer | undefined> {
  const known = knownTokens.userOf(token);
  if (known) return knownBearer(known, audiences);
  const said = await signer.verify(token, audiences);
  if (!said) return undefined;
  const { namespace, account, bound } = said;
  const find = (resource: string, inside: string, named: Named): KubeObject | undefined => {
    const object = objects.get({ resource, namespace: inside, name: named.name })?.parse();
    return object?.metadata.uid === named.uid && !isGone(object, now()) ? object : undefined;
  };
  if (!find('serviceaccounts', namespace, account)) return undefined;
  const ties = Object.entries(bound) as [BindingKind, Named][];
  const holds = ties.every(([kind, named]) =>
    kind === 'node'
      ? bound.pod !== undefined || find('nodes', '', named) !== undefined
      : find(`${kind}s`, namespace, named) !== undefined,
  );
  if (!holds) return undefined;
  const user: User = {
    name: accountUserName(namespace, account.name),
    uid: account.uid,
    groups: [...accountGroups(namespace), everyone],
    extra: extraOf(said.id, bound),
  };
  return { user, audiences: audiences.filter((audience) => said.audiences.includes(audience)) };
}

/** Tokens that an administrator gave are for this server alone. */
function knownBearer(user: User, audiences: readonly string[]): TokenBearer | undefined {
  const own = audiences.filter((audience) => apiAudiences.includes(audience));
  return own.length === 0 ? undefined : { user, audiences: own };
}

function isGone({ metadata }: KubeObject, now: number): boolean {
  const deletion = textAt(metadata, 'deletionTimestamp');
  return deletion !== undefined && now > Date.parse(deletion) + afterDeletionMs;
}

function extraOf(
  id: string,
  bound: Readonly<Partial<Record<BindingKind, Named>>>,
): Readonly<Record<string, readonly string[]>> {
  const about = (kind: 'pod' | 'node'): (readonly [string, readonly string[]])[] => {
    const named = bound[kind];
    if (!named) return [];
    const prefix = `authentication.kubernetes.io/${kind}`;
    return [
      [`${prefix}-name`, [named.name]],
      [`${prefix}-uid`, [named.uid]],
    ];
  };
  return Object.fromEntries([
    ['authentication.kubernetes.io/credential-id', [`JTI=${id}`]],
    ...about('node'),
    ...about('pod'),
  ]);
}
