import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

/** ServingStatus of a service as the protocol numbers it; undefined: the server has no such method. */
export type Serving = (service: string) => number | undefined;

export interface GrpcHealthServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * A server of `grpc.health.v1.Health/Check` that knows nothing of our codec: it writes and reads the
 * few bytes itself.
 */
export async function startGrpcHealthServer(serving: Serving): Promise<GrpcHealthServer> {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const isCheck = headers[':path'] === '/grpc.health.v1.Health/Check';
    void serve(stream, isCheck ? serving : () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: () => close(server) };
}

async function serve(stream: ServerHttp2Stream, serving: Serving): Promise<void> {
  stream.on('error', () => undefined);
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  const status = serving(serviceOf(Buffer.concat(chunks)));
  const code = status === undefined ? '12' : '0';
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': code }));
  if (status === undefined) stream.end();
  else stream.end(Buffer.from(status === 0 ? [0, 0, 0, 0, 0] : [0, 0, 0, 0, 2, 8, status]));
}

/** The request: a frame of 5 bytes, then field 1, its length and its text; or nothing at all. */
function serviceOf(request: Buffer): string {
  return request.length <= 5 ? '' : request.toString('utf8', 7);
}

async function close(server: Http2Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
