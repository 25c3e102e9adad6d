import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority, issueCertificate, type KeyPair } from './pki.ts';

const now = Date.now();
const server = { commonName: 'hub', usage: ['server'], days: 30 } as const;
const client = {
  commonName: 'system:node:edge-1',
  organizations: ['system:nodes'],
  usage: ['client'],
  days: 30,
} as const;

/** One TLS connection; resolves with what the server saw of the client. */
async function handshake(
  ca: string,
  serverPair: KeyPair,
  options: ConnectionOptions,
): Promise<{ subject: { CN?: string; O?: string } }> {
  const listener = createServer({ ...serverPair, ca, requestCert: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const seen = once(listener, 'secureConnection') as Promise<[TLSSocket]>;
  const { port } = listener.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, ca, ...options });
  try {
    await once(socket, 'secureConnect');
    const [peer] = await seen;
    return peer.getPeerCertificate() as { subject: { CN?: string; O?: string } };
  } finally {
    socket.destroy();
    listener.close();
  }
}

describe('a certificate authority', () => {
  it('issues a chain that TLS accepts on both sides, with the names that were asked for', async () => {
    const authority = await createAuthority('skerry-ca', now);
    const hub = await issueCertificate(
      authority,
      { ...server, dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] },
      now,
    );
    const edge = await issueCertificate(authority, client, now);
    const peer = await handshake(authority.cert, hub, { ...edge });
    expect(peer.subject).toEqual({ CN: 'system:node:edge-1', O: 'system:nodes' });
  });

  it('issues a server certificate that TLS refuses for another address', async () => {
    const authority = await createAuthority('skerry-ca', now);
    const hub = await issueCertificate(authority, { ...server, ipAddresses: ['127.0.0.2'] }, now);
    await expect(handshake(authority.cert, hub, {})).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('issues a client certificate that no server can use', async () => {
    const authority = await createAuthority('skerry-ca', now);
    const edge = await issueCertificate(authority, { ...client, ipAddresses: ['127.0.0.1'] }, now);
    await expect(handshake(authority.cert, edge, {})).rejects.toMatchObject({
      code: 'INVALID_PURPOSE',
    });
  });

  it('is not trusted where another authority of the same name is', async () => {
    const ours = await createAuthority('skerry-ca', now);
    const theirs = await createAuthority('skerry-ca', now);
    const hub = await issueCertificate(theirs, { ...server, ipAddresses: ['127.0.0.1'] }, now);
    await expect(handshake(ours.cert, hub, {})).rejects.toThrow();
  });

  it('marks itself as an authority that may sign end entities only, and them as none', async () => {
    const authority = await createAuthority('skerry-ca', now);
    const edge = await issueCertificate(authority, client, now);
    expect(new X509Certificate(authority.cert).ca).toBe(true);
    expect(new X509Certificate(edge.cert).ca).toBe(false);
    expect(new X509Certificate(edge.cert).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });

  it('gives every certificate another serial number', async () => {
    const authority = await createAuthority('skerry-ca', now);
    const pairs = await Promise.all(
      Array.from({ length: 16 }, () => issueCertificate(authority, client, now)),
    );
    expect(new Set(pairs.map(({ cert }) => new X509Certificate(cert).serialNumber)).size).toBe(16);
  });
});
