import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ObjectKey, Version } from '@skerry/shared/names';
import { fixedConnection, type KubeConnection } from './connection.ts';
import type { WatchEvent } from './kube-api.ts';
import { KubeClient } from './kube-client.ts';
import {
  Forbidden,
  Gone,
  Invalid,
  MalformedResponse,
  NotFound,
  Throttled,
  Unauthorized,
  Unavailable,
} from './kube-errors.ts';
import { configMaps, devices, pods } from './resource.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const forever = new AbortController().signal;
const key = 'configmaps/default/app' as ObjectKey;
const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function clientOf(handler: Handler, connect = fixedConnection): Promise<KubeClient> {
  const client = new KubeClient(connect(await serve(handler), {}));
  opened.unshift(() => {
    client[Symbol.dispose]();
    return Promise.resolve();
  });
  return client;
}

const answer =
  (code: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (_request, response) => {
    response.writeHead(code, { 'Content-Type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

async function collect(client: KubeClient, from = 1n): Promise<WatchEvent[]> {
  const seen: WatchEvent[] = [];
  const watch = { from: from as Version, timeoutSeconds: 60 };
  for await (const event of client.watch(configMaps, watch, forever)) seen.push(event);
  return seen;
}

describe('KubeClient', () => {
  it('asks for what it means', async () => {
    const asked: string[] = [];
    const client = await clientOf((request, response) => {
      asked.push(
        `${request.method ?? ''} ${request.url ?? ''} ${request.headers['content-type'] ?? ''}`.trim(),
      );
      answer(200, { metadata: { resourceVersion: '7' }, items: [] })(request, response);
    });
    await client.list(devices, { limit: 500, continue: 'a b' }, forever);
    await client.get(configMaps, key, forever);
    const device = 'devices.devices.kubeedge.io/factory/thermo' as ObjectKey;
    await client.patch(
      devices,
      device,
      { kind: 'merge', subresource: 'status', body: {} },
      forever,
    );
    await client.create(pods, 'default', {}, forever);
    await client.delete(pods, 'pods/default/web' as ObjectKey, { graceSeconds: 0 }, forever);
    expect(asked).toEqual([
      'GET /apis/devices.kubeedge.io/v1beta1/devices?limit=500&continue=a+b',
      'GET /api/v1/namespaces/default/configmaps/app',
      'PATCH /apis/devices.kubeedge.io/v1beta1/namespaces/factory/devices/thermo/status application/merge-patch+json',
      'POST /api/v1/namespaces/default/pods application/json',
      'DELETE /api/v1/namespaces/default/pods/web application/json',
    ]);
  });

  it('hands on objects byte for byte', async () => {
    const object = '{ "metadata":{"name":"app"}, "big": 9007199254740993123, "ä": "ü\\n" }';
    const client = await clientOf(
      answer(200, `{"items":[${object}],"metadata":{"resourceVersion":"9"}}`),
    );
    const { items, version } = await client.list(configMaps, { limit: 1 }, forever);
    expect(items.map((item) => item.toString())).toEqual([object]);
    expect(version).toBe(9n);
  });

  it('reads an empty list, however the server writes it', async () => {
    const client = await clientOf(answer(200, '{"metadata":{"resourceVersion":"9"},"items":null}'));
    expect((await client.list(configMaps, { limit: 1 }, forever)).items).toEqual([]);
  });

  it.each([
    [401, Unauthorized],
    [403, Forbidden],
    [404, NotFound],
    [410, Gone],
    [422, Invalid],
    [500, Unavailable],
    [503, Unavailable],
  ])('names what a %i means', async (code, kind) => {
    const client = await clientOf(answer(code, { kind: 'Status', code, message: 'because' }));
    await expect(client.get(configMaps, key, forever)).rejects.toThrow(kind);
    await expect(client.get(configMaps, key, forever)).rejects.toThrow('because');
  });

  it('says how long a throttling server wants to be left alone', async () => {
    const client = await clientOf(answer(429, 'slow down', { 'Retry-After': '3' }));
    const error = await client.get(configMaps, key, forever).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Throttled);
    expect((error as Throttled).retryAfterMs).toBe(3_000);
  });

  it('calls a server that cannot be reached unavailable', async () => {
    const client = new KubeClient(fixedConnection('http://127.0.0.1:1', {}));
    await expect(client.get(configMaps, key, forever)).rejects.toThrow(Unavailable);
  });

  it('calls an answer that breaks off unavailable', async () => {
    const client = await clientOf((_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"items":');
      setImmediate(() => response.destroy());
    });
    await expect(client.list(configMaps, { limit: 1 }, forever)).rejects.toThrow(Unavailable);
  });

  it('does not take a proxy’s page for an object list', async () => {
    const client = await clientOf(answer(200, '<html>welcome</html>'));
    await expect(client.list(configMaps, { limit: 1 }, forever)).rejects.toThrow(MalformedResponse);
  });

  it('sends a request again when the kept connection had just been closed', async () => {
    let requests = 0;
    const client = await clientOf((request, response) => {
      if (++requests === 2) request.socket.destroy();
      else answer(200, {})(request, response);
    });
    await client.get(configMaps, key, forever);
    await client.get(configMaps, key, forever);
    expect(requests).toBe(3);
  });

  it('asks for fresh credentials after a refusal', async () => {
    let refusals = 0;
    const connect = (server: string): KubeConnection => ({
      ...fixedConnection(server, {}),
      refused: () => {
        refusals++;
      },
    });
    const client = await clientOf(answer(401, {}), connect);
    await expect(client.get(configMaps, key, forever)).rejects.toThrow(Unauthorized);
    expect(refusals).toBe(1);
  });

  it('puts watch lines together, wherever the network cut them', async () => {
    const put = { type: 'ADDED', object: { metadata: { name: 'ünïcode' } } };
    const mark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '12' } } };
    const bytes = Buffer.from(`${JSON.stringify(put)}\n${JSON.stringify(mark)}\n`);
    const client = await clientOf((_request, response) => {
      response.writeHead(200);
      const step = (at: number): void => {
        if (at >= bytes.length) response.end();
        else response.write(bytes.subarray(at, at + 7), () => setImmediate(step, at + 7));
      };
      step(0);
    });
    expect(await collect(client)).toEqual([
      { type: 'put', object: Buffer.from(JSON.stringify(put.object)) },
      { type: 'bookmark', version: 12n },
    ]);
  });

  it('throws what an ERROR event carries', async () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    const client = await clientOf(
      answer(200, `${JSON.stringify({ type: 'ERROR', object: status })}\n`),
    );
    await expect(collect(client)).rejects.toThrow(Gone);
  });

  it('throws Unavailable when a watch breaks in the middle of a line', async () => {
    const client = await clientOf((_request, response) => {
      response.writeHead(200);
      response.write('{"type":"ADD');
      setImmediate(() => response.destroy());
    });
    await expect(collect(client)).rejects.toThrow(Unavailable);
  });

  it('does not let open watches keep requests waiting', async () => {
    const client = await clientOf((request, response) => {
      if (!request.url?.includes('watch=true')) answer(200, {})(request, response);
      else response.writeHead(200).flushHeaders();
    });
    const stop = new AbortController();
    const watch = { from: 1n as Version, timeoutSeconds: 60 };
    const watches = Array.from({ length: 40 }, async () => {
      for await (const _ of client.watch(configMaps, watch, stop.signal));
    });
    await Promise.all(Array.from({ length: 10 }, () => client.get(configMaps, key, forever)));
    stop.abort();
    expect((await Promise.allSettled(watches)).every(({ status }) => status === 'rejected')).toBe(
      true,
    );
  });
});
