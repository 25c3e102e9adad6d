import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createFront, type AddressInfo } from 'node:net';
import { systemClock } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { expect, it } from 'vitest';
import { Door } from './door.ts';
import type { Served } from './handler.ts';

it('lets nobody who was admitted begin a request and never end it', async () => {
  const server = createServer({ connectionsCheckingInterval: 5 });
  await using door = new Door({ clock: systemClock, log: silentLog } as unknown as Served, server);
  server.headersTimeout = 10;
  const front = createFront((socket) => door.admit(socket)).listen(0, '127.0.0.1');
  await once(front, 'listening');
  const client = connect((front.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET /api HTTP/1.1\r\nHost: loc');
  const [answer] = (await once(client, 'data')) as [Buffer];
  expect(answer.toString('latin1')).toMatch(/^HTTP\/1.1 408 /);
  await once(client, 'close');
  front.close();
});
