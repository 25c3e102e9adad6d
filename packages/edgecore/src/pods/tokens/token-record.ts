import { parseJson } from '@skerry/shared/parse-json';
import type { WishKey } from './token-wish.ts';

/** A token as the store keeps it. Times are milliseconds since the epoch by this node's clock. */
export interface TokenRecord {
  readonly token: string;
  readonly receivedAt: number;
  readonly expiresAt: number;
  /** The one before: a program may go on with it for a while after its file has changed. */
  readonly previous?: { readonly token: string; readonly expiresAt: number };
}

/** A token is replaced when so much of its life is over. */
const ROTATED_AT = 0.8;
/** However long a token lives, it is not used for longer. */
const LONGEST_USE_MS = 24 * 3600 * 1000;

/**
 * When another is to be fetched, as a kubelet does.
 *
 * @see https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken
 */
export function rotatesAt({ receivedAt, expiresAt }: TokenRecord): number {
  return receivedAt + Math.min((expiresAt - receivedAt) * ROTATED_AT, LONGEST_USE_MS);
}

const textEncoder = new TextEncoder();

/** `<uid> <wish>`: all of a pod's stand together. */
export function recordKey(uid: string, wish: WishKey): string {
  return `${uid} ${wish}`;
}

export function uidOf(key: string): string {
  return key.slice(0, key.indexOf(' '));
}

export function toEntry(record: TokenRecord): Uint8Array {
  return textEncoder.encode(JSON.stringify(record));
}

export function fromEntry(entry: Uint8Array): TokenRecord {
  return parseJson(entry) as TokenRecord;
}
