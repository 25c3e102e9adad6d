import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import type { WebSocket } from 'ws';
import { LinkProxy } from '../../test/support/link-proxy.ts';
import { rawServer } from './raw-server.ts';

/** A raw echo over TLS and a raw store: what any relay must at least pay. */
export interface RawParts extends AsyncDisposable {
  /** One message there and back, milliseconds. */
  roundTrip(payload: Uint8Array): Promise<number>;
  /** One synced batch of `count` puts, milliseconds. */
  syncedBatch(payload: Uint8Array, count: number): Promise<number>;
}

export async function rawParts(): Promise<RawParts> {
  await using opened = new AsyncDisposableStack();
  const echo = opened.use(await rawServer((peer, message) => peer.send(message)));
  const socket = await echo.dial(echo.port);
  opened.defer(() => socket.terminate());
  const store = opened.use(await rawStore());
  const parted = opened.move();
  return {
    roundTrip: (payload) => roundTrip(socket, payload),
    syncedBatch: store.syncedBatch,
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}

/** Messages in a row over TLS into a raw store: what any resync must at least pay. */
export interface RawStream extends AsyncDisposable {
  /** The network between. */
  readonly proxy: LinkProxy;
  /**
   * Dials, asks for `count` values, and takes them in messages of at most `perMessage`, each in one
   * synced batch; milliseconds from the dial until the last is on disk.
   */
  receive(value: Uint8Array, count: number, perMessage: number): Promise<number>;
}

export async function rawStream(): Promise<RawStream> {
  await using opened = new AsyncDisposableStack();
  let messages: readonly Uint8Array[] = [];
  const server = opened.use(
    await rawServer((peer) => {
      for (const message of messages) peer.send(message);
    }),
  );
  const proxy = opened.use(
    await LinkProxy.open({ target: { host: '127.0.0.1', port: server.port } }),
  );
  const store = opened.use(await rawStore());
  const parted = opened.move();
  return {
    proxy,
    receive: async (value, count, perMessage) => {
      const sizes = Array.from({ length: Math.ceil(count / perMessage) }, (_, i) =>
        Math.min(perMessage, count - i * perMessage),
      );
      messages = sizes.map((size) => Buffer.alloc(value.length * size, value));
      const began = performance.now();
      const socket = await server.dial(proxy.port);
      const batches = taken(socket, sizes, (size) => store.syncedBatch(value, size));
      socket.send('everything');
      await batches;
      const ms = performance.now() - began;
      socket.terminate();
      return ms;
    },
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}

/** Resolves when so many messages have come and what is done with each is done. */
function taken(
  socket: WebSocket,
  sizes: readonly number[],
  take: (size: number) => Promise<unknown>,
): Promise<unknown> {
  const batches: Promise<unknown>[] = [];
  const all = Promise.withResolvers<unknown>();
  socket.on('message', () => {
    batches.push(take(sizes[batches.length] ?? 0));
    if (batches.length === sizes.length) all.resolve(Promise.all(batches));
  });
  return all.promise;
}

async function roundTrip(socket: WebSocket, payload: Uint8Array): Promise<number> {
  const began = performance.now();
  socket.send(payload);
  await once(socket, 'message');
  return performance.now() - began;
}

/** A raw store in a directory of its own. */
export interface RawStore extends AsyncDisposable, Pick<RawParts, 'syncedBatch'> {
  /** Every value, once, milliseconds. */
  readAll(): Promise<number>;
}

export async function rawStore(): Promise<RawStore> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'skerry-floor-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const level = new Level<string, Uint8Array>(directory, { valueEncoding: 'view' });
  await level.open();
  opened.defer(() => level.close());
  const parted = opened.move();
  let key = 0;
  return {
    syncedBatch: async (payload, count) => {
      const began = performance.now();
      const puts = Array.from({ length: count }, () => ({
        type: 'put' as const,
        key: String(key++),
        value: payload,
      }));
      await level.batch(puts, { sync: true });
      return performance.now() - began;
    },
    readAll: async () => {
      const began = performance.now();
      for await (const value of level.values()) value.at(0);
      return performance.now() - began;
    },
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}
