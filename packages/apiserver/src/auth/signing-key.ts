import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readIfPresent, writeDurably } from '@skerry/shared/durable-file';
import { Misconfiguration, messageOf } from '@skerry/shared/errors';

/** Signs tokens (ECDSA P-256) and proves that it did. */
export interface SigningKey {
  readonly secret: KeyObject;
  readonly open: KeyObject;
  /** Names the key in the tokens it signed: SHA-256 of its public half, as Kubernetes makes it. */
  readonly id: string;
}

const secretMode = 0o600;

/** The key kept at `path` as PEM, made there when the file is missing. */
export async function ensureSigningKey(path: string): Promise<SigningKey> {
  const kept = await readIfPresent(path);
  if (kept !== undefined) return readKey(path, kept);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeDurably(
    path,
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    secretMode,
  );
  return signingKey(privateKey);
}

/** A key that nobody keeps: its tokens are worth nothing once the process is gone. */
export function passingSigningKey(): SigningKey {
  return signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
}

function readKey(path: string, pem: string): SigningKey {
  try {
    return signingKey(createPrivateKey(pem));
  } catch (error) {
    throw new Misconfiguration(`${path} holds no key to sign tokens with: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function signingKey(secret: KeyObject): SigningKey {
  const open = createPublicKey(secret);
  const der = open.export({ type: 'spki', format: 'der' });
  return { secret, open, id: createHash('sha256').update(der).digest('base64url') };
}
