import { once } from 'node:events';
import { createServer } from 'node:https';
import { WebSocket, WebSocketServer } from 'ws';
import { listen } from '@skerry/shared/listen';
import { createAuthority, issueCertificate } from '@skerry/shared/pki';

/** A WebSocket server over TLS, with nothing of ours behind it. */
export interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** Resolves with an open connection to this server at `port`: its own, or a proxy's before it. */
  dial(port: number): Promise<WebSocket>;
}

/** Calls `serve` for every message of every connection. */
export async function rawServer(
  serve: (peer: WebSocket, message: Buffer) => void,
): Promise<RawServer> {
  const now = Date.now();
  const authority = await createAuthority('floor', now);
  const own = await issueCertificate(
    authority,
    { commonName: 'floor', ipAddresses: ['127.0.0.1'], usage: ['server'], days: 1 },
    now,
  );
  const server = createServer(own);
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (peer) => peer.on('message', (message: Buffer) => serve(peer, message)));
  return {
    port: await listen(server, { host: '127.0.0.1', port: 0 }),
    dial: async (port) => {
      const socket = new WebSocket(`wss://127.0.0.1:${port}`, {
        ca: authority.cert,
        perMessageDeflate: false,
      });
      await once(socket, 'open');
      return socket;
    },
    [Symbol.asyncDispose]: async () => {
      for (const peer of sockets.clients) peer.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
