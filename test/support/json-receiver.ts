import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that takes JSON: one by one, or in lists. */
export interface JsonReceiver<T> extends AsyncDisposable {
  readonly url: string;
  /** What was taken, in order. */
  readonly taken: readonly T[];
}

/** Answers what `status` says, 200 unless given; only with 200 is something taken. */
export async function receiveJson<T>(status: () => number = () => 200): Promise<JsonReceiver<T>> {
  const taken: T[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const code = status();
      if (code === 200)
        taken.push(...([JSON.parse(String(Buffer.concat(chunks))) as T | T[]].flat() as T[]));
      response.writeHead(code).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    taken,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.closeAllConnections();
      server.close();
      await closed;
    },
  };
}
