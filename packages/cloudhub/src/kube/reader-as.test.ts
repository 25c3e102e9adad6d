import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeConnection } from './connection.ts';
import { TooLarge, Unauthorized } from './kube-errors.ts';
import { ReaderAs } from './reader-as.ts';

const { signal } = new AbortController();
const headers = { Authorization: 'Bearer of-the-hub', 'Impersonate-User': 'somebody' };
const asked = { path: '/api/v1/pods', maxBytes: 100 };

let server: Server;
let heard: IncomingHttpHeaders[];
let status: number;
let body: string;
let refusals: number;
let reader: ReaderAs;

beforeEach(async () => {
  [heard, status, body, refusals] = [[], 200, '{}', 0];
  server = createServer((request, response) => {
    heard.push(request.headers);
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection: KubeConnection = {
    server: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    credentials: () => Promise.resolve({ tls: { cert: 'c', key: 'k' }, headers }),
    refused: () => refusals++,
  };
  reader = new ReaderAs(connection);
});

afterEach(() => {
  reader[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
});

describe('reading as somebody else', () => {
  it('shows a token and nothing of the hub', async () => {
    expect(String(await reader.read(asked, { token: 'of-the-pod' }, signal))).toBe('{}');
    expect(heard).toMatchObject([{ authorization: 'Bearer of-the-pod' }]);
    expect(heard[0]).not.toHaveProperty('impersonate-user');
  });

  it('acts as an account by the right of the hub, whoever that acts as otherwise', async () => {
    await reader.read(asked, { namespace: 'skerry-nodes', account: 'edge-1' }, signal);
    expect(heard).toMatchObject([
      {
        authorization: 'Bearer of-the-hub',
        'impersonate-user': 'system:serviceaccount:skerry-nodes:edge-1',
      },
    ]);
  });

  it('does not take a token that is refused for its own', async () => {
    status = 401;
    await expect(reader.read(asked, { token: 'old' }, signal)).rejects.toThrow(Unauthorized);
    expect(refusals).toBe(0);
  });

  it('reads no more than is asked for', async () => {
    body = 'x'.repeat(101);
    await expect(reader.read(asked, { token: 'a' }, signal)).rejects.toThrow(TooLarge);
    body = 'x'.repeat(100);
    expect(await reader.read(asked, { token: 'a' }, signal)).toHaveLength(100);
  });
});
