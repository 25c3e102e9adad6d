import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { WebSocketServer } from 'ws';
import type { ScaleServerOptions } from './scale-process.ts';
import { serve } from './scale-serving.ts';

/** A WebSocket server that holds sockets and sends each of them what it is told to. */
export async function serveRaw({ tls }: ScaleServerOptions): Promise<void> {
  const server = tls
    ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false })
    : createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (peer) => {
    peer.on('error', () => undefined);
    peer.on('message', (message: Buffer) => peer.send(message));
  });
  await serve(server, ({ bytes }) => {
    const message = Buffer.alloc(bytes, 'x');
    for (const peer of sockets.clients) peer.send(message);
    return 0;
  });
}
