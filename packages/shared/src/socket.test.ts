import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAuthority, issueCertificate, type KeyPair } from './pki.ts';
import { ConnectionFailed, SocketAcceptor, dial, peerCommonName, type Socket } from './socket.ts';
import { describeSocket, type ConnectedPair } from './testing/socket-contract.ts';
import { socketPair } from './testing/socket-pair.ts';

interface Certificates {
  readonly authority: KeyPair;
  readonly server: KeyPair;
  readonly client: KeyPair;
}

async function certificates(): Promise<Certificates> {
  const now = Date.now();
  const authority = await createAuthority('test authority', now);
  const server = await issueCertificate(
    authority,
    { commonName: 'hub', ipAddresses: ['127.0.0.1'], usage: ['server'], days: 1 },
    now,
  );
  const client = await issueCertificate(
    authority,
    { commonName: 'system:node:edge-1', usage: ['client'], days: 1 },
    now,
  );
  return { authority, server, client };
}

async function overTls(): Promise<ConnectedPair & { readonly peer: string | undefined }> {
  const { authority, server: own, client } = await certificates();
  const acceptor = new SocketAcceptor();
  const server = createServer({
    ...own,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: false,
  });
  const accepted = new Promise<{ far: Socket; peer: string | undefined }>((resolve) => {
    server.on('upgrade', (request, raw, head) => {
      const peer = peerCommonName(request);
      void acceptor.accept(request, raw, head).then((far) => resolve({ far, peer }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const near = await dial(
    url,
    { ca: authority.cert, ...client, timeoutMs: 5_000 },
    new AbortController().signal,
  );
  const { far, peer } = await accepted;
  const dispose = async (): Promise<void> => {
    near.cut();
    far.cut();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { near, far, peer, dispose };
}

describeSocket('WebSocket over TLS', overTls);
describeSocket('in-memory', () => {
  const [near, far] = socketPair();
  return Promise.resolve({ near, far, dispose: () => Promise.resolve() });
});

describe('dial', () => {
  it('shows the server whose certificate the client holds', async () => {
    const pair = await overTls();
    expect(pair.peer).toBe('system:node:edge-1');
    await pair.dispose();
  });

  it('says which address did not answer', async () => {
    const { authority, client } = await certificates();
    const options = { ca: authority.cert, ...client, timeoutMs: 1_000 };
    await expect(dial('wss://127.0.0.1:1/', options, new AbortController().signal)).rejects.toThrow(
      ConnectionFailed,
    );
    await expect(dial('wss://127.0.0.1:1/', options, new AbortController().signal)).rejects.toThrow(
      'wss://127.0.0.1:1/',
    );
  });
});
