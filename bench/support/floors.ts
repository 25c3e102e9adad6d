import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import { WebSocket, WebSocketServer } from 'ws';
import { createAuthority, issueCertificate } from '@skerry/shared/pki';

/** A raw echo over TLS and a raw store: what any relay must at least pay. */
export interface RawParts extends AsyncDisposable {
  /** One message there and back, milliseconds. */
  roundTrip(payload: Uint8Array): Promise<number>;
  /** One synced batch of `count` puts, milliseconds. */
  syncedBatch(payload: Uint8Array, count: number): Promise<number>;
}

export async function rawParts(): Promise<RawParts> {
  await using opened = new AsyncDisposableStack();
  const socket = await rawEcho(opened);
  const directory = await mkdtemp(join(tmpdir(), 'skerry-floor-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const level = new Level<string, Uint8Array>(directory, { valueEncoding: 'view' });
  await level.open();
  opened.defer(() => level.close());
  const parted = opened.move();
  let key = 0;
  return {
    roundTrip: async (payload) => {
      const began = performance.now();
      socket.send(payload);
      await once(socket, 'message');
      return performance.now() - began;
    },
    syncedBatch: async (payload, count) => {
      const began = performance.now();
      const puts = Array.from({ length: count }, () => ({
        type: 'put' as const,
        key: String(key++),
        value: payload,
      }));
      await level.batch(puts, { sync: true });
      return performance.now() - began;
    },
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}

async function rawEcho(opened: AsyncDisposableStack): Promise<WebSocket> {
  const now = Date.now();
  const authority = await createAuthority('floor', now);
  const own = await issueCertificate(
    authority,
    { commonName: 'floor', ipAddresses: ['127.0.0.1'], usage: ['server'], days: 1 },
    now,
  );
  const server = createServer(own);
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (peer) => peer.on('message', (message: Buffer) => peer.send(message)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`wss://127.0.0.1:${port}`, {
    ca: authority.cert,
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  opened.defer(async () => {
    socket.terminate();
    sockets.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return socket;
}
