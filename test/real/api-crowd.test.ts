import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { connect, type TLSSocket } from 'node:tls';
import type { KubeObject } from '@skerry/apiserver/json';
import { ask } from '@skerry/apiserver/testing/https-client';
import { serveApi, type ServedApi } from '@skerry/apiserver/testing/served-api';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** More of them: `SKERRY_WATCHES=10000`, with as many files allowed to be open (`ulimit -n`). */
const watches = Number(process.env['SKERRY_WATCHES'] ?? 100);
/** What one watch may cost the server's process and this one, which are the same here; bytes. */
const bytesPerWatch = 512 * 1024;
const path = '/api/v1/namespaces/default/configmaps';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api[Symbol.asyncDispose]());

async function put(name: string, value: string): Promise<string> {
  const body = { metadata: { name }, data: { value } };
  const { status, json } = await ask(api, path, { method: 'POST', body });
  expect(status).toBe(201);
  return (json as unknown as KubeObject).metadata.resourceVersion ?? '';
}

interface Line {
  readonly type: string;
  readonly object: KubeObject & { readonly code?: number };
}

async function openWatch(from: string, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, ca, admin } = api;
  const asked = request(`${url}${path}?watch=true&resourceVersion=${from}`, {
    ...{ ca, ...admin, agent: false, signal },
  });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.on('error', () => undefined); // the end that `signal` makes
  return response;
}

/** A connection that has asked for something and reads nothing yet. */
async function silentClient(head: string): Promise<TLSSocket> {
  const { hostname, port } = new URL(api.url);
  const socket = connect({ host: hostname, port: Number(port), ca: api.ca, ...api.admin });
  await once(socket, 'secureConnect');
  socket.pause();
  socket.write(`${head}\r\nHost: api\r\n`);
  return socket;
}

it('tells every one of many watches of every change, at a bounded price', async () => {
  const from = await put('crowd', '0');
  const over = new AbortController();
  const before = process.memoryUsage().rss;
  const told = Promise.withResolvers<undefined>();
  let count = 0;
  for (let opened = 0; opened < watches; opened++) {
    const response = await openWatch(from, over.signal);
    const lines = createInterface({ input: response });
    lines.on('error', () => undefined); // the end that `over` makes
    lines.on('line', (line) => {
      const { type, object } = JSON.parse(line) as Line;
      if (type === 'ADDED' && object.metadata.name === 'told') count += 1;
      if (count === watches) told.resolve(undefined);
    });
  }
  expect((process.memoryUsage().rss - before) / watches).toBeLessThan(bytesPerWatch);
  await put('told', '1');
  await told.promise;
  over.abort();
  expect((await ask(api, `${path}/told`)).status).toBe(200);
});

it('holds nothing for a client that never reads, and tells it so when it does', async () => {
  const from = await put('never-read', '0');
  const silent = await silentClient(`GET ${path}?watch=true&resourceVersion=${from} HTTP/1.0`);
  silent.write('\r\n');
  const written = 110; // of a tenth of what a history holds: it forgets where the client stands
  const value = 'x'.repeat(200_000);
  for (let at = 0; at < written; at++) await put(`large-${at}`, value); // others are served meanwhile
  const lines: string[] = [];
  const reader = createInterface({ input: silent });
  reader.on('line', (line) => lines.push(line));
  silent.resume();
  await once(reader, 'close');
  const events = lines.filter((line) => line.startsWith('{"type"'));
  const last = JSON.parse(events.at(-1) ?? '{}') as Line;
  expect([last.type, last.object.code]).toEqual(['ERROR', 410]);
  expect(events.length).toBeLessThan(written);
});

it('answers 413 to a body without end, before its end', async () => {
  const socket = await silentClient(`POST ${path} HTTP/1.1`);
  socket.write('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString())).resume();
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const head = Buffer.from(`${chunk.length.toString(16)}\r\n`);
  while (answer === '' && !socket.destroyed) {
    const sent = socket.write(Buffer.concat([head, chunk, Buffer.from('\r\n')]));
    if (sent) await new Promise(setImmediate);
    else await once(socket, 'drain');
  }
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  socket.destroy();
});

it('serves others while a client dawdles over its request', async () => {
  const body = JSON.stringify({ metadata: { name: 'dawdled' } });
  const slow = await silentClient(`POST ${path} HTTP/1.1`);
  slow.write(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`);
  const answered = once(slow, 'data') as Promise<[Buffer]>;
  slow.resume();
  for (const [at, byte] of Buffer.from(body).entries()) {
    slow.write(Buffer.of(byte));
    if (at % 10 === 0) expect((await ask(api, '/livez')).status).toBe(200);
  }
  const [answer] = await answered;
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 201 /);
  slow.destroy();
});
