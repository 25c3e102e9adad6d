/** What any API over a store must at least pay: one `level` get for a request over plain HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { Level } from 'level';

const { directory, value } = workerData as { directory: string; value: string };
const store = new Level<string, Uint8Array>(directory, { valueEncoding: 'view' });
await store.put('object', Buffer.from(value), { sync: true } as object);
const server = createServer((_request, response) => {
  void store.get('object').then((bytes) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': bytes.length,
    });
    response.end(bytes);
  });
});
server.listen(0, '127.0.0.1', () => {
  parentPort?.postMessage((server.address() as AddressInfo).port);
});
parentPort?.once('message', () => {
  server.closeAllConnections();
  server.close();
  void store.close();
});
