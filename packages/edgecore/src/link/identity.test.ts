import { createAuthority, issueCertificate } from '@skerry/shared/pki';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodeOfCertificate, readIdentity } from './identity.ts';

const now = Date.UTC(2026, 0, 1);
let nodeCert: string;
let otherCert: string;

beforeAll(async () => {
  const authority = await createAuthority('test', now);
  const issue = async (commonName: string, organizations: string[]): Promise<string> =>
    (
      await issueCertificate(
        authority,
        { commonName, organizations, usage: ['client'], days: 1 },
        now,
      )
    ).cert;
  nodeCert = await issue('system:node:edge-1', ['system:nodes']);
  otherCert = await issue('admin', ['system:masters']);
});

describe('identity', () => {
  it('takes the name of the node from its certificate', () => {
    expect(nodeOfCertificate(nodeCert, undefined)).toBe('edge-1');
    expect(nodeOfCertificate(nodeCert, 'edge-1')).toBe('edge-1');
  });

  it('refuses a configured name that is not the certificate’s', () => {
    expect(() => nodeOfCertificate(nodeCert, 'edge-2')).toThrow(
      'nodeName is edge-2, but the certificate names edge-1',
    );
  });

  it('refuses a certificate that names no node', () => {
    expect(() => nodeOfCertificate(otherCert, undefined)).toThrow('names no node');
  });

  it('says which file is missing', async () => {
    const files = { ca: '/nowhere/ca.crt', cert: '/nowhere/node.crt', key: '/nowhere/node.key' };
    await expect(readIdentity(files)).rejects.toThrow('/nowhere/');
  });
});
