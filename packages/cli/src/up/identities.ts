import { join } from 'node:path';
import { ensureAuthority, ensureCertificate, type KeyFiles } from '@skerry/shared/key-files';
import type { CertificateRequest, KeyPair } from '@skerry/shared/pki';
import { loopback, nodeName } from './settings.ts';

/** Who takes part, and the files that prove it. */
export interface Identities {
  readonly ca: KeyFiles;
  readonly hub: KeyFiles;
  readonly node: KeyFiles;
  readonly authority: KeyPair;
  readonly admin: KeyPair;
}

const days = 365;

/** For both listeners of the hub, and for the hub as a client of the API it embeds. */
const hubRequest: CertificateRequest = {
  commonName: 'skerry-hub',
  organizations: ['system:masters'],
  dnsNames: ['localhost'],
  ipAddresses: [loopback, '::1'],
  usage: ['server', 'client'],
  days,
};

const nodeRequest: CertificateRequest = {
  commonName: `system:node:${nodeName}`,
  organizations: ['system:nodes'],
  usage: ['client'],
  days,
};

const adminRequest: CertificateRequest = {
  commonName: 'skerry-admin',
  organizations: ['system:masters'],
  usage: ['client'],
  days,
};

/** Reads what is kept in `directory`, and makes what is missing or soon to expire. */
export async function ensureIdentities(directory: string, now: number): Promise<Identities> {
  const files = (name: string): KeyFiles => ({
    cert: join(directory, `${name}.crt`),
    key: join(directory, `${name}.key`),
  });
  const authority = await ensureAuthority(files('ca'), 'skerry', now);
  const [, , admin] = await Promise.all([
    ensureCertificate(files('hub'), authority, hubRequest, now),
    ensureCertificate(files(nodeName), authority, nodeRequest, now),
    ensureCertificate(files('admin'), authority, adminRequest, now),
  ]);
  return { ca: files('ca'), hub: files('hub'), node: files(nodeName), authority, admin };
}
