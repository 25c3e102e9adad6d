import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createFront, type AddressInfo, type Socket } from 'node:net';
import { systemClock } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { expect, it } from 'vitest';
import { noAudit } from '../audit/audit-trail.ts';
import { Door } from './door.ts';
import type { Served } from './handler.ts';

const parts = { clock: systemClock, log: silentLog, audit: noAudit } as unknown as Served;

async function connectTo(door: Door): Promise<Socket> {
  const front = createFront((socket) => door.admit(socket)).listen(0, '127.0.0.1');
  await once(front, 'listening');
  const client = connect((front.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  front.close();
  return client;
}

it('lets nobody who was admitted begin a request and never end it', async () => {
  const server = createServer({ connectionsCheckingInterval: 5 });
  await using door = new Door(parts, server);
  server.headersTimeout = 10;
  const client = await connectTo(door);
  client.write('GET /api HTTP/1.1\r\nHost: loc');
  const [answer] = (await once(client, 'data')) as [Buffer];
  expect(answer.toString('latin1')).toMatch(/^HTTP\/1.1 408 /);
  await once(client, 'close');
});

it('tells who names no path', async () => {
  await using door = new Door(parts, createServer());
  const client = await connectTo(door);
  client.end('GET http:// HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const [answer] = (await once(client, 'data')) as [Buffer];
  expect(answer.toString('latin1')).toMatch(/^HTTP\/1.1 400 /);
  await once(client, 'close');
});
