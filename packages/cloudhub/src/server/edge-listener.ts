import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Log } from '@skerry/shared/log';
import { MalformedName, nodeName, type NodeName } from '@skerry/shared/names';
import { SocketAcceptor, peerCommonName, type Socket } from '@skerry/shared/socket';

/** Where an edge opens its WebSocket. */
export const edgePath = '/v1/edge';
/**
 * Connections that may wait to be taken in. All nodes come back at once after a cut, and one that finds
 * no room is not told: it asks again after a second, three, seven, and has given up by then.
 */
export const edgeBacklog = 4_096;
/** How Kubernetes names a node in a certificate (Node authorization: `system:node:<nodeName>`). */
const nodePrefix = 'system:node:';

export interface EdgeListenerParts {
  /** PEM: our certificate, and the authority that signs the nodes'. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Takes a connected node over. */
  readonly admit: (node: NodeName, socket: Socket) => void;
  /** Answers a plain request of a person; false: it is none that anybody here answers. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly log: Log;
}

/**
 * The one port that edges use, and people who ask what only a node knows. A node's name comes from its verified client certificate and from
 * nothing else; without one nobody comes in.
 */
export function edgeListener({ tls, admit, answer, log }: EdgeListenerParts): Server {
  const acceptor = new SocketAcceptor();
  // Not refused in the handshake: a peer without a certificate gets an answer that says what is wrong.
  const server = createServer({
    ...tls,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  });
  server.on('request', (request, response) => {
    if (answer?.(request, response)) return;
    response
      .writeHead(404, { 'content-type': 'text/plain' })
      .end(`edge agents connect at ${edgePath}\n`);
  });
  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    raw.on('error', () => undefined);
    const node = request.url === edgePath ? peerNode(request) : undefined;
    if (!node) {
      log.warn(
        { peer: request.socket.remoteAddress, url: request.url },
        'refused a connection without a node certificate',
      );
      raw.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    acceptor.accept(request, raw, head).then(
      (socket) => admit(node, socket),
      (error: unknown) =>
        log.warn({ node, reason: String(error) }, 'the WebSocket handshake failed'),
    );
  });
  server.on('tlsClientError', (error, socket) => {
    log.debug({ peer: socket.remoteAddress, reason: error.message }, 'the TLS handshake failed');
  });
  return server;
}

/** The node whose certificate the peer has proved to own. */
export function peerNode(request: IncomingMessage): NodeName | undefined {
  const name = peerCommonName(request);
  if (!name?.startsWith(nodePrefix)) return undefined;
  try {
    return nodeName(name.slice(nodePrefix.length));
  } catch (error) {
    if (error instanceof MalformedName) return undefined;
    throw error;
  }
}
