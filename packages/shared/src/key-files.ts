import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readIfPresent, writeDurably } from './durable-file.ts';
import { Misconfiguration } from './errors.ts';
import type { CertificateRequest, KeyPair } from './pki.ts';

/** Where a certificate and its key are kept. */
export interface KeyFiles {
  readonly cert: string;
  readonly key: string;
}

const publicMode = 0o644;
const secretMode = 0o600;

/**
 * The authority kept in `files`, made there when both files are missing. Throws Misconfiguration when
 * they do not belong together: an authority that others trust is never replaced in silence.
 */
export async function ensureAuthority(
  files: KeyFiles,
  commonName: string,
  now: number,
): Promise<KeyPair> {
  const kept = await read(files);
  if (kept) {
    if (!belongTogether(kept))
      throw new Misconfiguration(`${files.key} is not the key of the certificate ${files.cert}`);
    return kept;
  }
  const { createAuthority } = await import('./pki.ts');
  return keep(files, await createAuthority(commonName, now));
}

/**
 * The certificate kept in `files`, or a new one: when there is none, when it says something else than
 * `request`, when another authority signed it, or when less than a third of its life is left at `now`.
 */
export async function ensureCertificate(
  files: KeyFiles,
  authority: KeyPair,
  request: CertificateRequest,
  now: number,
): Promise<KeyPair> {
  const kept = await read(files);
  if (kept && isCurrent(kept, authority, request, now)) return kept;
  const { issueCertificate } = await import('./pki.ts');
  return keep(files, await issueCertificate(authority, request, now));
}

async function read(files: KeyFiles): Promise<KeyPair | undefined> {
  const [cert, key] = await Promise.all([readIfPresent(files.cert), readIfPresent(files.key)]);
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

/** The key first: a certificate without its key would look like a theft, not like a crash. */
async function keep(files: KeyFiles, pair: KeyPair): Promise<KeyPair> {
  await writeDurably(files.key, pair.key, secretMode);
  await writeDurably(files.cert, pair.cert, publicMode);
  return pair;
}

function belongTogether({ cert, key }: KeyPair): boolean {
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}

function isCurrent(
  kept: KeyPair,
  authority: KeyPair,
  request: CertificateRequest,
  now: number,
): boolean {
  if (!belongTogether(kept)) return false;
  const cert = new X509Certificate(kept.cert);
  const [from, to] = [Date.parse(cert.validFrom), Date.parse(cert.validTo)];
  return (
    cert.verify(new X509Certificate(authority.cert).publicKey) &&
    to - now > (to - from) / 3 &&
    subjectOf(request) === cert.subject &&
    namesAre(request, cert)
  );
}

/** As node:crypto prints them. */
function subjectOf({ organizations, commonName }: CertificateRequest): string {
  return [...(organizations ?? []).map((name) => `O=${name}`), `CN=${commonName}`].join('\n');
}

function namesAre(
  { dnsNames = [], ipAddresses = [] }: CertificateRequest,
  cert: X509Certificate,
): boolean {
  const said = cert.subjectAltName?.split(', ').length ?? 0;
  return (
    said === dnsNames.length + ipAddresses.length &&
    dnsNames.every((name) => cert.checkHost(name)) &&
    ipAddresses.every((address) => cert.checkIP(address))
  );
}
