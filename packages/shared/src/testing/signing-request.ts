import 'reflect-metadata'; // the certificate library asks for it
import { KeyObject, webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';

export interface AskedCertificate {
  /** PEM block CERTIFICATE REQUEST. */
  readonly pem: string;
  /** The key it asks for, PEM (PKCS #8). */
  readonly key: string;
}

/** What people make with `openssl req -new`: a new RSA key, and a request for `subject`, as `O=team, CN=ann`. */
export async function askForCertificate(subject: string): Promise<AskedCertificate> {
  const signingAlgorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm,
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return { pem: request.toString('pem'), key: key.toString() };
}
