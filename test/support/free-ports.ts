import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to connections that go out, so that nobody takes a port between two lives of a server. */
const range = [10_000, 32_768] as const;
const host = '127.0.0.1';

/**
 * So many TCP ports of 127.0.0.1 that nobody listens at, all different, and no other test's until this
 * process ends: the UDP ports of the same numbers are held as a claim that all processes see.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(...range);
    const claim = await claimed(port);
    if (!claim) continue;
    if (await isFree(port)) ports.push(port);
    else claim.close();
  }
  return ports;
}

async function claimed(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ port, address: host, exclusive: true });
    await once(socket, 'listening');
    return socket.unref();
  } catch {
    socket.close();
    return undefined;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
