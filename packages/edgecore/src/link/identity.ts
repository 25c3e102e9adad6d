import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Misconfiguration, messageOf } from '@skerry/shared/errors';
import { nodeName, type NodeName } from '@skerry/shared/names';

/** Where the node's certificate, its key and the authority it trusts are kept: PEM files. */
export interface IdentityFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The contents of IdentityFiles. */
export interface Identity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Reads the files anew: a renewed certificate is used from the next dial on. */
export async function readIdentity(files: IdentityFiles): Promise<Identity> {
  const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map(read));
  if (ca === undefined || cert === undefined || key === undefined)
    throw new Misconfiguration('the certificate files are incomplete');
  return { ca, cert, key };
}

/**
 * The node that a certificate names: the Common Name `system:node:<name>`, as Kubernetes' Node
 * authorization has it. Throws Misconfiguration when it names none, or another than `expected`.
 */
export function nodeOfCertificate(cert: string, expected: string | undefined): NodeName {
  const commonName = /^CN=system:node:(.+)$/m.exec(new X509Certificate(cert).subject)?.[1];
  if (commonName === undefined)
    throw new Misconfiguration(
      'the certificate names no node: its Common Name must be system:node:<name>',
    );
  if (expected !== undefined && expected !== commonName)
    throw new Misconfiguration(`nodeName is ${expected}, but the certificate names ${commonName}`);
  return nodeName(commonName);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Misconfiguration(`failed to read ${path}: ${messageOf(error)}`, { cause: error });
  }
}
