import type { ProcFs } from '@skerry/shared/port-holder';
import { describe, expect, it } from 'vitest';
import { isOfThisMachine } from './peer-process.ts';

const ends = {
  localAddress: '127.0.0.1',
  localPort: 10_550,
  remoteAddress: '127.0.0.1',
  remotePort: 40_000,
};

/** A machine on which process 7 holds the client's end of the connection, as this user, in this namespace. */
function machine(uid: number, namespace = 'pid:[1]', table = '/proc/net/tcp'): ProcFs {
  const ipv4 = ['0100007F:9C40', '0100007F:2936'];
  const ipv6 = ipv4.map((end) => `0000000000000000FFFF0000${end}`);
  const [local, remote] = table.endsWith('6') ? ipv6 : ipv4;
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid';
  const line = `   1: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${uid}  0 4711 1`;
  const links: Readonly<Record<string, string>> = {
    '/proc/7/fd/3': 'socket:[4711]',
    '/proc/8/fd/3': 'socket:[4712]',
    '/proc/self/ns/pid': 'pid:[1]',
    '/proc/self/ns/user': 'user:[1]',
    '/proc/7/ns/pid': namespace,
    '/proc/7/ns/user': 'user:[1]',
  };
  const lists: Readonly<Record<string, readonly string[]>> = {
    '/proc': ['self', '8', '7'],
    '/proc/7/fd': ['0', '3'],
    '/proc/8/fd': ['3'],
  };
  return {
    read: (path) => Promise.resolve(path === table ? `${head}\n${line}\n` : undefined),
    list: (path) => Promise.resolve(lists[path] ?? []),
    link: (path) => Promise.resolve(links[path]),
  };
}

describe('a process that connects from this machine', () => {
  it.each([
    ['root', 0],
    ['the user of the agent', 1_000],
  ])('may read the files of the agent as %s', async (_who, uid) => {
    expect(await isOfThisMachine(ends, { uid: 1_000, proc: machine(uid) })).toBe(true);
    const six = machine(uid, 'pid:[1]', '/proc/net/tcp6');
    expect(await isOfThisMachine(ends, { uid: 1_000, proc: six })).toBe(true);
  });

  it('may not as another user', async () => {
    expect(await isOfThisMachine(ends, { uid: 1_000, proc: machine(1_001) })).toBe(false);
  });

  it('may not from within a container, though it is root there', async () => {
    const proc = machine(0, 'pid:[2]');
    expect(await isOfThisMachine(ends, { uid: 0, proc })).toBe(false);
  });

  it('is not taken for the holder of another connection', async () => {
    const other = { ...ends, remotePort: 40_001 };
    expect(await isOfThisMachine(other, { uid: 0, proc: machine(0) })).toBe(false);
    const swapped = { ...ends, localPort: ends.remotePort, remotePort: ends.localPort };
    expect(await isOfThisMachine(swapped, { uid: 0, proc: machine(0) })).toBe(false);
  });
});
