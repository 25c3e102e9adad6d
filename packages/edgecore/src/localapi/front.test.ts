import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '@skerry/shared/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runFront, type Admitting, type Origin } from './front.ts';

let directory: string;
let stop: AbortController;
let running: Promise<void> | undefined;
let origins: Origin[];
let failures: unknown[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'front-'));
  stop = new AbortController();
  [origins, failures] = [[], []];
});
afterEach(async () => {
  stop.abort();
  await running;
  await rm(directory, { recursive: true });
});

/** Ends every connection, once it is clear how it came. */
const admitting: Admitting = {
  admit: (socket, origin) => {
    origins.push(origin);
    socket.end();
    return Promise.resolve();
  },
};

/** Resolves with the port, once the private socket is there or is known not to be. */
async function front(path: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  running = runFront(
    {
      ...{ host: '127.0.0.1', port: 0, path, onListening: resolve },
      open: () => Promise.resolve(admitting),
      failed: (error) => failures.push(error),
    },
    stop.signal,
  );
  running.catch(reject);
  const port = await promise;
  await expect.poll(() => existsSync(path) || failures.length > 0).toBe(true);
  return port;
}

async function knock(at: { readonly port: number } | { readonly path: string }): Promise<void> {
  const client = connect({ host: '127.0.0.1', ...at });
  client.write('GET / HTTP/1.1\r\n');
  client.resume();
  await once(client, 'close');
}

describe('the front of the local API', () => {
  it('has a socket for its owner alone, also where nobody has made its directory', async () => {
    const path = join(directory, 'run/skerry/edgecore.sock');
    const port = await front(path);
    await knock({ path });
    await knock({ port });
    expect(origins).toEqual(['private', 'plain']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    stop.abort();
    await running;
    await expect.poll(() => existsSync(path)).toBe(false);
  });

  it('goes on without the socket where it cannot be made', async () => {
    await writeFile(join(directory, 'file'), '');
    const port = await front(join(directory, 'file/edgecore.sock'));
    expect(failures.map(codeOf)).toEqual(['EEXIST']);
    await knock({ port });
    expect(origins).toEqual(['plain']);
  });
});
