import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { EdgeError, codeOf } from './errors.ts';
import { portHolder } from './port-holder.ts';

export interface Address {
  readonly host: string;
  /** 0: a free one, chosen by the system. */
  readonly port: number;
}

/** Node's own default. */
const usualBacklog = 511;

/** Somebody else listens where we were told to. */
export class PortInUse extends EdgeError {
  readonly code = 'process.port-in-use';
  readonly disposition = 'fatal';
}

/**
 * Listens and resolves with the port that was taken; throws PortInUse that says who holds it. `backlog` is
 * how many connections may wait to be taken in, as far as the system allows (`net.core.somaxconn`).
 */
export async function listen(
  server: Server,
  { host, port }: Address,
  backlog: number = usualBacklog,
): Promise<number> {
  server.listen({ host, port, backlog });
  try {
    await once(server, 'listening');
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    throw await portInUse({ host, port }, error);
  }
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/** Throws PortInUse unless one could listen there now. */
export async function mustBeFree(address: Address): Promise<void> {
  const server = createServer();
  await listen(server, address);
  server.close();
  await once(server, 'close');
}

/** What to say when listening failed with `EADDRINUSE`. */
export async function portInUse({ host, port }: Address, cause: unknown): Promise<PortInUse> {
  const holder = await portHolder(port);
  const who = holder ? `process ${holder.pid}: ${holder.command}` : 'another process';
  return new PortInUse(`${host}:${port} is already in use by ${who}`, { cause });
}
