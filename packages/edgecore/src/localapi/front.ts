import { once } from 'node:events';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { listen, type Address } from '@skerry/shared/listen';
import { aborted } from '@skerry/shared/supervise';

/** Connections at once; beyond it they are not taken in. */
export const maxConnections = 512;
/** How long a connection may be silent at its beginning, milliseconds. */
export const firstByteMs = 30_000;

/** How a connection came, and what is spoken on it. */
export type Origin = 'plain' | 'tls' | 'private';

/** Takes connections in. */
export interface Admitting {
  admit(socket: Socket, origin: Origin): Promise<void>;
}

export interface FrontParts extends Address {
  /** A Unix socket beside it; absent: none. */
  readonly path?: string | undefined;
  /** What comes over TCP and is not TLS is not taken in. */
  readonly tlsOnly?: boolean;
  /** Makes what answers, when the first connection comes: until then it costs no memory. */
  readonly open: () => Promise<Admitting>;
  readonly failed: (error: unknown) => void;
  /** Told the port once it listens. */
  readonly onListening: (port: number) => void;
}

/** The first byte of a TLS connection: a handshake record, RFC 8446 §5.1. */
const handshake = 0x16;
const socketMode = 0o600;

/**
 * Listens until `signal` aborts, over TCP for HTTP and for TLS on one port, and at a Unix socket that its
 * owner alone can open; where that cannot be made, `failed` is told, and there is none. Throws PortInUse.
 */
export async function runFront(parts: FrontParts, signal: AbortSignal): Promise<void> {
  const servers = [serverOf(parts, (socket) => void sniff(parts, socket))];
  try {
    for (const server of servers) parts.onListening(await listen(server, parts));
    const secluded = parts.path === undefined ? undefined : await openPrivate(parts, parts.path);
    if (secluded) servers.push(secluded);
    await aborted(signal);
  } finally {
    for (const server of servers) server.close(); // takes the socket away, too
  }
}

async function openPrivate(parts: FrontParts, path: string): Promise<Server | undefined> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await rm(path, { force: true }); // of a start that was killed
    const server = serverOf(parts, (socket) => void admit(parts, socket, 'private'));
    const before = process.umask(0o177); // nobody may slip in before the mode is set
    server.listen(path);
    process.umask(before);
    await once(server, 'listening');
    await chmod(path, socketMode);
    return server;
  } catch (error) {
    parts.failed(error);
    return undefined;
  }
}

function serverOf({ failed }: FrontParts, take: (socket: Socket) => void): Server {
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy()); // whoever answers hears of it, too
    take(socket);
  });
  server.maxConnections = maxConnections;
  server.on('error', failed);
  return server;
}

async function sniff(parts: FrontParts, socket: Socket): Promise<void> {
  const end = (): unknown => socket.destroy();
  socket.setTimeout(firstByteMs, end);
  socket.resume();
  const [first] = (await once(socket, 'data').catch(() => [])) as [Buffer?];
  socket.pause();
  socket.setTimeout(0);
  socket.off('timeout', end);
  const origin = first?.[0] === handshake ? 'tls' : 'plain';
  if (!first || (parts.tlsOnly === true && origin === 'plain')) return end() as undefined;
  socket.unshift(first);
  await admit(parts, socket, origin);
}

async function admit({ open, failed }: FrontParts, socket: Socket, origin: Origin): Promise<void> {
  try {
    const opened = await open();
    if (socket.destroyed) return;
    await opened.admit(socket, origin);
    if (origin !== 'tls') socket.resume(); // TLS reads beneath the socket
  } catch (error) {
    failed(error);
    socket.destroy();
  }
}
