import 'reflect-metadata'; // the certificate library asks for it
import { createPrivateKey, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
  type PublicKey,
} from '@peculiar/x509';

/** A certificate and the private key that goes with it: PEM, the key as PKCS #8. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is to say, and for how long. */
export interface CertificateRequest {
  /** Who: for a node `system:node:<name>`. */
  readonly commonName: string;
  /** Which groups: for a node `system:nodes`, for an administrator `system:masters`. */
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly usage: readonly ('server' | 'client')[];
  readonly days: number;
}

const dayMs = 86_400_000;
const authorityDays = 3_650;
/** Certificates begin in the past, because a board without a battery clock may be late. */
const backdateMs = 3_600_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const usages = {
  server: ExtendedKeyUsage.serverAuth,
  client: ExtendedKeyUsage.clientAuth,
} as const;

/**
 * A self-signed certificate authority on ECDSA P-256, valid for ten years from `now` (milliseconds
 * since the epoch). It may sign end-entity certificates only.
 *
 * Source: RFC 5280 §4.2.1.2, §4.2.1.3, §4.2.1.9.
 */
export async function createAuthority(commonName: string, now: number): Promise<KeyPair> {
  const keys = await generateKeys();
  const cert = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    ...validity(authorityDays, now),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return toPem(cert, keys);
}

/**
 * A new key and a certificate for it, signed by `authority`, valid for `request.days` from `now`.
 *
 * Source: RFC 5280 §4.2.1; the names of nodes and groups:
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates
 */
export async function issueCertificate(
  authority: KeyPair,
  request: CertificateRequest,
  now: number,
): Promise<KeyPair> {
  const issuer = new X509Certificate(authority.cert);
  const keys = await generateKeys();
  const organizations = (request.organizations ?? []).map((name) => ({ O: [name] }));
  const cert = await X509CertificateGenerator.create({
    subject: [...organizations, { CN: [request.commonName] }],
    issuer: issuer.subjectName,
    ...validity(request.days, now),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await importSigningKey(authority.key),
    extensions: await endEntityExtensions(request, issuer, keys.publicKey),
  });
  return toPem(cert, keys);
}

/** Who a certificate is requested for. */
export interface RequestedSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/** What a PEM block CERTIFICATE REQUEST says; undefined when it is none or its key has not signed it. */
export async function readSigningRequest(pem: string): Promise<RequestedSubject | undefined> {
  try {
    const request = new Pkcs10CertificateRequest(pem);
    if (!(await request.verify())) return undefined;
    const { subjectName } = request;
    const [commonName = ''] = subjectName.getField('CN');
    return { commonName, organizations: subjectName.getField('O') };
  } catch {
    return undefined; // whatever it is, it is no request
  }
}

/**
 * A client certificate for the subject and the key of a request (RFC 2986), PEM, signed by `authority`,
 * valid for `seconds` from `now`. What else the request asks for is not granted.
 */
export async function signRequest(
  authority: KeyPair,
  { pem, seconds }: { readonly pem: string; readonly seconds: number },
  now: number,
): Promise<string> {
  const issuer = new X509Certificate(authority.cert);
  const { subjectName, publicKey } = new Pkcs10CertificateRequest(pem);
  const usage = ['client'] as const;
  const cert = await X509CertificateGenerator.create({
    subject: subjectName,
    issuer: issuer.subjectName,
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + seconds * 1_000),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: await importSigningKey(authority.key),
    extensions: await endEntityExtensions({ usage }, issuer, publicKey),
  });
  return `${cert.toString('pem')}\n`;
}

async function endEntityExtensions(
  request: Pick<CertificateRequest, 'usage' | 'dnsNames' | 'ipAddresses'>,
  issuer: X509Certificate,
  publicKey: webcrypto.CryptoKey | PublicKey,
): Promise<Extension[]> {
  const names = [
    ...(request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(request.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension(request.usage.map((usage) => usages[usage])),
    await SubjectKeyIdentifierExtension.create(publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
  ];
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

function validity(days: number, now: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - backdateMs), notAfter: new Date(now + days * dayMs) };
}

async function toPem(cert: X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<KeyPair> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    cert: `${cert.toString('pem')}\n`,
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
