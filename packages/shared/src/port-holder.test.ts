import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { portHolder, type ProcFs } from './port-holder.ts';

const table = (rows: string[]): string =>
  ['  sl  local_address rem_address   st tx_queue:rx_queue tr tm->when', ...rows].join('\n');
const row = (local: string, state: string, inode: number): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1`;

const machine = (files: Record<string, string>, links: Record<string, string>): ProcFs => ({
  read: (path) => Promise.resolve(files[path]),
  link: (path) => Promise.resolve(links[path]),
  list: (path) => {
    const under = [...Object.keys(files), ...Object.keys(links)]
      .filter((name) => name.startsWith(`${path}/`))
      .map((name) => name.slice(path.length + 1).split('/')[0] ?? '');
    return Promise.resolve([...new Set(under)]);
  },
});

describe('the holder of a port', () => {
  it('is found through its listening socket, over IPv4 and IPv6', async () => {
    const proc = machine(
      {
        '/proc/net/tcp': table([row('0100007F:192B', '01', 5)]),
        '/proc/net/tcp6': table([row('00000000000000000000000000000000:192B', '0A', 77)]),
        '/proc/31/cmdline': 'sleep\x001\x00',
        '/proc/32/cmdline': 'node\x00cloudhub\x00',
      },
      { '/proc/31/fd/0': 'socket:[5]', '/proc/32/fd/9': 'socket:[77]' },
    );
    expect(await portHolder(6443, proc)).toEqual({ pid: 32, command: 'node cloudhub' });
  });

  it('is nobody when the port is only connected from', async () => {
    const proc = machine({ '/proc/net/tcp': table([row('0100007F:192B', '01', 5)]) }, {});
    expect(await portHolder(6443, proc)).toBeUndefined();
  });

  it('is unknown when its files are not ours to read', async () => {
    const proc = machine({ '/proc/net/tcp': table([row('0100007F:192B', '0A', 5)]) }, {});
    expect(await portHolder(6443, proc)).toBeUndefined();
  });

  it('is this very process for a port it listens at', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const holder = await portHolder((server.address() as AddressInfo).port);
    server.close();
    expect(holder?.pid).toBe(process.pid);
  });
});
