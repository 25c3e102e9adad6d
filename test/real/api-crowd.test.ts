import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import type { KubeObject } from '@skerry/apiserver/json';
import { ask } from '@skerry/apiserver/testing/https-client';
import { serveApi, type ServedApi } from '@skerry/apiserver/testing/served-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WatchingClients } from '../support/watching-clients.ts';

/** More of them: `SKERRY_WATCHES=10000`, with more files allowed to be open (`ulimit -n`). */
const watches = Number(process.env['SKERRY_WATCHES'] ?? 100);
const clients = join(import.meta.dirname, '..', 'support', 'watching-clients.ts');
/** A connection is made in some milliseconds; a machine that is busy takes ten times as long. */
const timeout = 120_000 + watches * 60;
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

/** Clients in a process of their own: a file is open at each end of a connection. */
function watchingClients(from: string, awaited: string): ChildProcessByStdio<null, Readable, null> {
  const { url, ca, admin } = api;
  const watched = `${url}${path}?watch=true&resourceVersion=${from}`;
  const asked: WatchingClients = { watches, url: watched, awaited, ca, ...admin };
  return spawn(process.execPath, [clients, JSON.stringify(asked)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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

it('tells every one of many watches of every change', { timeout }, async () => {
  const from = await put('crowd', '0');
  const child = watchingClients(from, 'told');
  const ended = once(child, 'close');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (line === 'open') await put('told', '1');
    if (line === 'told') child.kill('SIGKILL');
  }
  await ended;
  expect(said).toEqual(['open', 'told']);
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
