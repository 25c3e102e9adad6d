import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
} from 'node:net';
import { ask } from '@skerry/edgecore/probes/ask';
import type { Answer, Check } from '@skerry/edgecore/probes/check';
import { createAuthority } from '@skerry/shared/pki';
import { describe, expect, it } from 'vitest';
import { startGrpcHealthServer } from '../support/grpc-health-server.ts';

const { signal } = new AbortController();
const patient = 60_000;
/** Nobody listens there. */
const closedPort = 1;
const runtime = {
  execSync: (): never => {
    throw new Error('not asked here');
  },
};
const answerTo = (check: Check, timeoutMs = patient): Promise<Answer> =>
  ask(check, { runtime, id: 'main', timeoutMs }, signal);

interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listen(server: Server | TcpServer): Promise<Listening> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const http = (serve: RequestListener): Promise<Listening> => listen(createServer(serve));
const get = (port: number, path = '/', headers: [string, string][] = []): Check => ({
  type: 'http',
  url: `http://127.0.0.1:${port}${path}`,
  headers,
});

describe('a container that is asked by HTTP', () => {
  it.each([
    [200, 'success', ''],
    [204, 'success', ''],
    [399, 'success', ''],
    [400, 'failure', 'HTTP probe failed with statuscode: 400'],
    [503, 'failure', 'HTTP probe failed with statuscode: 503'],
  ])('and answers %i: %s', async (status, result, message) => {
    await using server = await http((_, response) => response.writeHead(status).end());
    expect(await answerTo(get(server.port))).toEqual({ result, message });
  });

  it('hears the path, the headers, and who asks', async () => {
    let heard: object = {};
    await using server = await http(({ url, headers }, response) => {
      heard = { url, ...headers };
      response.end();
    });
    await answerTo(
      get(server.port, '/healthz?full=1', [
        ['Host', 'a.example'],
        ['X-A', 'b'],
      ]),
    );
    expect(heard).toMatchObject({ url: '/healthz?full=1', host: 'a.example', 'x-a': 'b' });
    expect(heard).toMatchObject({ 'user-agent': expect.stringMatching(/^kube-probe\//) as string });
  });

  it('is followed where it redirects to on its own host, and not to others', async () => {
    await using server = await http(({ url }, response) => {
      if (url === '/here') response.writeHead(302, { location: '/well' }).end();
      else if (url === '/ill') response.writeHead(302, { location: '/dead' }).end();
      else if (url === '/there') response.writeHead(302, { location: 'http://other/' }).end('off');
      else if (url === '/round') response.writeHead(302, { location: '/round' }).end();
      else response.writeHead(url === '/well' ? 200 : 500).end();
    });
    const { port } = server;
    expect((await answerTo(get(port, '/here'))).result).toBe('success');
    expect((await answerTo(get(port, '/ill'))).result).toBe('failure');
    expect(await answerTo(get(port, '/there'))).toEqual({
      result: 'warning',
      message: 'Probe terminated redirects, Response body: off',
    });
    expect((await answerTo(get(port, '/round'))).message).toContain('stopped after 10 redirects');
  });

  it('may have any certificate', async () => {
    const { cert, key } = await createAuthority('nobody', Date.now());
    await using server = await listen(
      createTlsServer({ cert, key }, (_, response) => response.end()),
    );
    const url = `https://127.0.0.1:${server.port}/`;
    expect((await answerTo({ type: 'http', url, headers: [] })).result).toBe('success');
  });

  it('fails when it does not answer in time', async () => {
    await using server = await http(() => undefined);
    const url = `http://127.0.0.1:${server.port}/`;
    expect(await answerTo(get(server.port), 200)).toEqual({
      result: 'failure',
      message: `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    });
  });

  it('fails where nobody listens', async () => {
    const port = closedPort;
    expect(await answerTo(get(port))).toEqual({
      result: 'failure',
      message: `Get "http://127.0.0.1:${port}/": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    });
  });
});

describe('a container that is asked by TCP', () => {
  it('is well when it takes a connection', async () => {
    await using server = await listen(createTcpServer((socket) => socket.resume()));
    const { port } = server;
    expect(await answerTo({ type: 'tcp', host: '127.0.0.1', port })).toMatchObject({
      result: 'success',
    });
  });

  it('is not when it refuses one', async () => {
    const port = closedPort;
    expect(await answerTo({ type: 'tcp', host: '127.0.0.1', port })).toEqual({
      result: 'failure',
      message: `dial tcp 127.0.0.1:${port}: connect: connection refused`,
    });
  });
});

describe('a container that is asked by gRPC', () => {
  const call = (port: number, service = ''): Check => ({
    type: 'grpc',
    host: '127.0.0.1',
    port,
    service,
  });

  it('is well while it serves', async () => {
    const statuses = new Map([
      ['', 1],
      ['db', 2],
      ['new', 0],
    ]);
    await using server = await startGrpcHealthServer((service) => statuses.get(service));
    expect(await answerTo(call(server.port))).toEqual({ result: 'success', message: '' });
    expect(await answerTo(call(server.port, 'db'))).toEqual({
      result: 'failure',
      message: 'service unhealthy (responded with "NOT_SERVING")',
    });
    expect((await answerTo(call(server.port, 'new'))).message).toContain('"UNKNOWN"');
    expect((await answerTo(call(server.port, 'none'))).message).toContain(
      'does not implement the grpc health protocol',
    );
  });

  it('fails when it speaks something else, nothing, or is not there', async () => {
    await using other = await http((_, response) => response.end());
    expect((await answerTo(call(other.port))).result).toBe('failure');
    await using silent = await listen(
      createTcpServer((socket) => socket.on('error', () => socket.destroy()).resume()),
    );
    expect(await answerTo(call(silent.port), 200)).toEqual({
      result: 'failure',
      message: 'timeout: health rpc did not complete within 0.2s',
    });
    const port = closedPort;
    expect((await answerTo(call(port))).message).toContain(
      `failed to connect service at "127.0.0.1:${port}"`,
    );
  });
});
