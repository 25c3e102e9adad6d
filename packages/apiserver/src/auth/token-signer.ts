import type { Clock } from '@skerry/shared/clock';
import { errors, exportJWK, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { isObject, objectAt, textAt, type Json, type JsonObject } from '../json.ts';
import type { SigningKey } from './signing-key.ts';

/** An object that a token or its owner is tied to. */
export interface Named {
  readonly name: string;
  readonly uid: string;
}

export type BindingKind = 'pod' | 'secret' | 'node';

/** What a token says of its owner. */
export interface TokenContent {
  readonly namespace: string;
  readonly account: Named;
  readonly audiences: readonly string[];
  /** It is worth nothing without them: the object it is bound to, and the node of a pod. */
  readonly bound: Readonly<Partial<Record<BindingKind, Named>>>;
  readonly lifeSeconds: number;
  /** Seconds after which its use is a sign that nobody renews it. */
  readonly warnAfterSeconds?: number;
  /** Tells it from every other token. */
  readonly id: string;
}

/** A token that this signer made and that has not expired. */
export type VerifiedToken = Pick<
  TokenContent,
  'namespace' | 'account' | 'audiences' | 'bound' | 'id'
>;

export interface SignerParts {
  readonly key: SigningKey;
  readonly clock: Clock;
}

/** Who signs, as tokens say it, and at the same time the audience that the API server is. */
export const issuer = 'https://kubernetes.default.svc.cluster.local';
const algorithm = 'ES256';

/**
 * Signs and verifies the tokens of ServiceAccounts: JSON Web Tokens with a claim `kubernetes.io`.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 */
export class TokenSigner {
  readonly #key: SigningKey;
  readonly #clock: Clock;

  constructor({ key, clock }: SignerParts) {
    this.#key = key;
    this.#clock = clock;
  }

  sign(content: TokenContent): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1_000);
    const { namespace, account, audiences, bound, lifeSeconds, warnAfterSeconds, id } = content;
    const claim = {
      namespace,
      ...bound,
      serviceaccount: account,
      ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }),
    };
    return new SignJWT({ 'kubernetes.io': claim })
      .setProtectedHeader({ alg: algorithm, kid: this.#key.id })
      .setIssuer(issuer)
      .setSubject(`system:serviceaccount:${namespace}:${account.name}`)
      .setAudience([...audiences])
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + lifeSeconds)
      .setJti(id)
      .sign(this.#key.secret);
  }

  /** What a token says that is meant for one of `audiences`; undefined when it is not to be believed. */
  async verify(token: string, audiences: readonly string[]): Promise<VerifiedToken | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key.open, {
        algorithms: [algorithm],
        issuer,
        audience: [...audiences],
        currentDate: new Date(this.#clock.now()),
        requiredClaims: ['exp', 'sub'],
      });
      return contentOf(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  /** The secret key as PEM, for a backup. */
  keyText(): string {
    return this.#key.secret.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** The key to verify with, for others: a JSON Web Key Set, RFC 7517. */
  async keySet(): Promise<JsonObject> {
    const key = (await exportJWK(this.#key.open)) as JsonObject;
    return { keys: [{ ...key, use: 'sig', kid: this.#key.id, alg: algorithm }] };
  }

  /** @see https://openid.net/specs/openid-connect-discovery-1_0.html */
  configuration(): JsonObject {
    return {
      issuer,
      jwks_uri: `${issuer}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [algorithm],
    };
  }
}

function contentOf(payload: JWTPayload): VerifiedToken | undefined {
  const claim = payload['kubernetes.io'] as Json | undefined;
  const account = namedAt(claim, 'serviceaccount');
  const namespace = textAt(claim, 'namespace') ?? '';
  if (!isObject(claim) || !account || namespace === '') return undefined;
  const kinds: readonly BindingKind[] = ['pod', 'secret', 'node'];
  const bound = kinds.flatMap((kind) => {
    const named = namedAt(claim, kind);
    return named ? [[kind, named] as const] : [];
  });
  return {
    namespace,
    account,
    audiences: [payload.aud ?? []].flat(),
    bound: Object.fromEntries(bound),
    id: payload.jti ?? '',
  };
}

function namedAt(claim: Json | undefined, field: string): Named | undefined {
  const named = objectAt(claim, field);
  if (!named) return undefined;
  return { name: textAt(named, 'name') ?? '', uid: textAt(named, 'uid') ?? '' };
}
