import { createPrivateKey, X509Certificate } from 'node:crypto';
import { nodeName } from '@skerry/shared/names';
import { createAuthority } from '@skerry/shared/pki';
import { expect, it } from 'vitest';
import { nodeCertificates } from './node-certificates.ts';

it('gives every node a certificate of its own that the authority has signed', async () => {
  const authority = await createAuthority('test', Date.now());
  const names = ['sim-1', 'sim-2', 'sim-10', 'sim-11'].map(nodeName);
  const certificates = await nodeCertificates(authority, names, Date.now());
  const issuer = new X509Certificate(authority.cert);
  const serials = names.map((name) => {
    const pair = certificates.get(name);
    const cert = new X509Certificate(pair?.cert ?? '');
    expect(cert.subject).toBe(`O=system:nodes\nCN=system:node:${name}`);
    expect(cert.verify(issuer.publicKey)).toBe(true);
    expect(cert.checkIssued(issuer)).toBe(true);
    expect(cert.checkPrivateKey(createPrivateKey(pair?.key ?? ''))).toBe(true);
    return cert.serialNumber;
  });
  expect(new Set(serials).size).toBe(names.length);
});
