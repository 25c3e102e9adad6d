import type { PodObject } from '../pod.ts';
import type { TokenSource } from '../volumes/volume.ts';

/** What a pod wants a token to be. */
export interface TokenWish {
  /** For whom it is; empty: the API server. */
  readonly audience: string;
  readonly expirationSeconds: number;
}

/** Names a wish within its pod. */
export type WishKey = string;

/** How far a token has come. */
export type TokenState =
  | { readonly phase: 'held'; readonly token: string }
  | { readonly phase: 'awaited' }
  | { readonly phase: 'failed'; readonly message: string };

export type HeldTokens = ReadonlyMap<WishKey, TokenState>;

/** Life of a token that a volume says nothing about, as the API server fills it in. */
const DEFAULT_EXPIRATION_SECONDS = 3600;

export function tokenWish({ audience = '', expirationSeconds }: TokenSource): TokenWish {
  return { audience, expirationSeconds: expirationSeconds ?? DEFAULT_EXPIRATION_SECONDS };
}

export function wishKey({ audience, expirationSeconds }: TokenWish): WishKey {
  return `${expirationSeconds} ${audience}`;
}

/** What the pod's volumes want, each once. */
export function tokenWishes({ spec }: PodObject): ReadonlyMap<WishKey, TokenWish> {
  const wishes = (spec.volumes ?? [])
    .flatMap(({ projected }) => projected?.sources ?? [])
    .flatMap(({ serviceAccountToken: source }) => (source ? [tokenWish(source)] : []));
  return new Map(wishes.map((wish) => [wishKey(wish), wish]));
}
