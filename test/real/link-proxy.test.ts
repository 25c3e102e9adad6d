import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listen } from '@skerry/shared/listen';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { LinkProxy } from '../support/link-proxy.ts';

/** A server that answers every byte with the same, and its sockets. */
async function openEcho(): Promise<{ port: number; sockets: Set<Socket> } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.pipe(socket);
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  return {
    port,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What one end of a connection has heard. */
class Caller {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  #heardBytes = 0;
  error: NodeJS.ErrnoException | undefined;

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port });
    this.socket.on('data', (bytes: Buffer) => {
      this.#chunks.push(bytes);
      this.#heardBytes += bytes.length;
    });
    this.socket.on('error', (error) => (this.error = error));
  }

  get heard(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Resolves with how long it took until everything that was said came back, milliseconds. */
  async echo(said: string | Buffer): Promise<number> {
    const bytes = Buffer.from(said);
    const before = this.#heardBytes;
    const began = performance.now();
    this.socket.write(bytes);
    await this.hears(before + bytes.length);
    expect(this.heard.subarray(before).equals(bytes)).toBe(true);
    return performance.now() - began;
  }

  async hears(bytes: number): Promise<void> {
    while (this.#heardBytes < bytes) await once(this.socket, 'data');
  }

  async closed(): Promise<string | undefined> {
    if (!this.socket.closed) await once(this.socket, 'close').catch(() => undefined);
    return this.error?.code;
  }
}

describe('the proxy between an edge and a hub', () => {
  let echo: Awaited<ReturnType<typeof openEcho>>;
  let proxy: LinkProxy;
  let callers: Caller[];
  const call = (): Caller => {
    const caller = new Caller(proxy.port);
    callers.push(caller);
    return caller;
  };
  beforeEach(async () => {
    callers = [];
    echo = await openEcho();
    proxy = await LinkProxy.open({ target: { host: '127.0.0.1', port: echo.port } });
  });
  afterEach(async () => {
    for (const { socket } of callers) socket.destroy();
    await proxy[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  it('carries bytes unchanged and counts them', async () => {
    const megabytes = Buffer.alloc(5_000_000, 'of order 0123456789');
    await call().echo(megabytes);
    expect(proxy.bytes).toEqual({ up: megabytes.length, down: megabytes.length });
  });

  it('hands on the end of what one side says, and lets the other finish', async () => {
    const caller = call();
    caller.socket.end('last words');
    await once(caller.socket, 'end');
    expect(caller.heard.toString()).toBe('last words');
    await eventually('the end of the connection', () => proxy.connections === 0);
  });

  it('resets both ends of every open connection when cut, and takes new ones', async () => {
    const [first, second] = [call(), call()];
    await Promise.all([first.echo('one'), second.echo('two')]);
    proxy.cut();
    expect(await Promise.all([first.closed(), second.closed()])).toEqual([
      'ECONNRESET',
      'ECONNRESET',
    ]);
    await eventually('the other ends', () => echo.sockets.size === 0);
    await call().echo('three');
  });

  it('refuses who comes, keeps who is there, and listens at the same port again', async () => {
    const early = call();
    await early.echo('here');
    proxy.refuse();
    expect(await call().closed()).toBe('ECONNREFUSED');
    await early.echo('still here');
    await proxy.restore();
    await call().echo('back');
  });

  it('loses nothing and tells nobody when connections outlive a silence', async () => {
    const caller = call();
    await caller.echo('before');
    proxy.silence();
    const counted = { ...proxy.bytes };
    caller.socket.write('in silence');
    const late = call();
    await once(late.socket, 'connect'); // as far as it knows
    late.socket.write('mute');
    await eventually('the late one at the proxy', () => proxy.connections === 2);
    expect(proxy.bytes).toEqual(counted);
    expect(echo.sockets.size).toBe(1);
    await proxy.restore();
    await caller.hears('beforein silence'.length);
    await late.hears('mute'.length);
    expect(caller.heard.toString()).toBe('beforein silence');
  });

  it('never tells the hub of who gave up in a silence', async () => {
    proxy.silence();
    const caller = call();
    await once(caller.socket, 'connect');
    caller.socket.end('hello?');
    await eventually('the one at the proxy', () => proxy.connections === 1);
    await proxy.restore();
    await eventually('its end', () => proxy.connections === 0);
    expect(proxy.bytes.up).toBe(0);
  });

  it('keeps the other end of a connection that is closed in a silence, until the silence ends', async () => {
    const caller = call();
    await caller.echo('before');
    proxy.silence();
    caller.socket.destroy();
    await once(caller.socket, 'close');
    expect(echo.sockets.size).toBe(1);
    await proxy.restore();
    await eventually('the other end', () => echo.sockets.size === 0);
  });

  it('forgets what was under way in a connection that both ends abandon in a silence', async () => {
    const caller = call();
    await caller.echo('before');
    proxy.silence();
    const counted = { ...proxy.bytes };
    for (const socket of [caller.socket, ...echo.sockets]) socket.end('never to arrive');
    await eventually('both ends', () => proxy.abandoned === 1);
    await proxy.restore();
    await eventually('the end of the connection', () => proxy.connections === 0);
    expect(proxy.bytes).toEqual(counted);
  });

  it('delays each way by as much as it is told, in order, and opens after a round trip', async () => {
    Object.assign(proxy.delayMs, { up: 60, down: 20 });
    const caller = call();
    expect(await caller.echo('first')).toBeGreaterThanOrEqual(2 * 80);
    expect(await caller.echo('second')).toBeGreaterThanOrEqual(80);
    for (let i = 0; i < 100; i++) caller.socket.write(String(i % 10));
    await caller.hears('firstsecond'.length + 100);
    expect(caller.heard.toString()).toBe(`firstsecond${'0123456789'.repeat(10)}`);
  });

  it('has many bytes under way at once: a delay does not limit what flows', async () => {
    const caller = call();
    await caller.echo('open');
    proxy.delayMs.up = 60_000;
    const counted = proxy.bytes.up;
    // far more than the system would hold for the proxy
    const many = Buffer.alloc(24 * 1024 * 1024, 'x');
    await new Promise((taken) => caller.socket.write(many, taken));
    expect(proxy.bytes.up).toBe(counted);
  });

  it('throttles to so many bytes per second, and lets go when told to', async () => {
    const caller = call();
    await caller.echo('open');
    proxy.bytesPerSecond.up = 100_000;
    expect(await caller.echo(Buffer.alloc(50_000, 'x'))).toBeGreaterThan(450);
    proxy.bytesPerSecond.up = 10;
    const counted = proxy.bytes.up;
    caller.socket.write(Buffer.alloc(1_000, 'x')); // would take 100 s
    await eventually('the first of it', () => proxy.bytes.up > counted);
    proxy.bytesPerSecond.up = Infinity;
    await caller.hears('open'.length + 51_000);
  });

  it('resets a connection when the hub is gone', async () => {
    await echo[Symbol.asyncDispose]();
    expect(await call().closed()).toBe('ECONNRESET');
  });
});
